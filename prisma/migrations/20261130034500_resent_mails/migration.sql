-- When an operator last resent a message. This also sends an e-mail that is too old to be sent automatically.
ALTER TABLE deliveries ADD COLUMN resent_at timestamptz(3);
