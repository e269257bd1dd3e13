-- The back office's search by status. Alone in its migration and made while others write: see 20261125030000_purchases_by_product.
CREATE INDEX CONCURRENTLY "purchases_status_created_at_id_idx" ON "purchases"("status", "created_at" DESC, "id" DESC);
