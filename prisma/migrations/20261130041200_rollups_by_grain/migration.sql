-- One table per grain: a report of a year by entity reads months, which would otherwise be scattered among twenty times as many days.
-- contract: a table with the same name, columns and rows replaces it in this transaction.
ALTER TABLE sales_rollups RENAME TO sales_rollups_unpartitioned;
-- contract: as above.
ALTER TABLE sales_rollups_unpartitioned RENAME CONSTRAINT sales_rollups_pkey TO sales_rollups_unpartitioned_pkey;
CREATE TABLE sales_rollups (LIKE sales_rollups_unpartitioned INCLUDING DEFAULTS) PARTITION BY LIST (grain);
ALTER TABLE sales_rollups ADD CONSTRAINT sales_rollups_pkey PRIMARY KEY (dimension, grain, bucket, key, currency);
CREATE TABLE sales_rollups_by_quarter_hour PARTITION OF sales_rollups FOR VALUES IN ('quarter_hour');
CREATE TABLE sales_rollups_by_hour PARTITION OF sales_rollups FOR VALUES IN ('hour');
CREATE TABLE sales_rollups_by_day PARTITION OF sales_rollups FOR VALUES IN ('day');
CREATE TABLE sales_rollups_by_month PARTITION OF sales_rollups FOR VALUES IN ('month');
INSERT INTO sales_rollups SELECT * FROM sales_rollups_unpartitioned;
-- contract: as above.
DROP TABLE sales_rollups_unpartitioned;
