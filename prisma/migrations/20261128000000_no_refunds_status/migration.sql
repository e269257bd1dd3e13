-- Nothing asks for refunds by their status alone any more.
DROP INDEX CONCURRENTLY "refunds_status_idx";
