-- The back office's search by product. Alone in its migration and made while others write: CONCURRENTLY cannot be part of a transaction.
-- One that was broken off leaves an invalid index behind: DROP INDEX "purchases_product_id_created_at_id_idx", and migrate again.
CREATE INDEX CONCURRENTLY "purchases_product_id_created_at_id_idx" ON "purchases"("product_id", "created_at" DESC, "id" DESC);
