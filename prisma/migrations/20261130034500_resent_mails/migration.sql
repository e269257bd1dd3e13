-- When an operator last had a message sent again. A mail that is too old to be sent by itself is sent then.
ALTER TABLE deliveries ADD COLUMN resent_at timestamptz(3);
