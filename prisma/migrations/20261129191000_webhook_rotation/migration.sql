ALTER TABLE webhook_endpoints ADD COLUMN rotation_key text;
