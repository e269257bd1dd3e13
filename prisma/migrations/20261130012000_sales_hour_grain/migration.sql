-- Used by the next migration: a transaction cannot use a value that it has added.
ALTER TYPE "sales_grain" ADD VALUE 'hour';
