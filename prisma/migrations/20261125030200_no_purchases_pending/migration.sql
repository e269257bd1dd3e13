-- Nothing reads it: a status that comes as a parameter is no constant for Postgres, which so cannot tell that the index holds what is asked
-- for. purchases_status_created_at_id_idx serves those statements.
DROP INDEX CONCURRENTLY "purchases_pending";
