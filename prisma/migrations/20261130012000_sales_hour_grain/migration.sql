-- Separate from the next migration, which uses the value: a transaction cannot use an enum value that it has added itself.
ALTER TYPE "sales_grain" ADD VALUE 'hour';
