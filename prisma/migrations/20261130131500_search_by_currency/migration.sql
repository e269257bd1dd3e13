-- The purchase search by currency. Without the index, a search for a rare currency would read all purchases.
CREATE INDEX purchases_currency_created_at_id_idx ON purchases (currency, created_at DESC, id DESC);
