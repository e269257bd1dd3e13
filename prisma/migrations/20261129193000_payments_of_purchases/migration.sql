-- The keys of the payments in the facts of a purchase, as `payment:pi_…`.
CREATE FUNCTION payment_keys(p_facts jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_path_query_array(p_facts, '$.keyvalue() ? (@.key starts with "payment:").key')
$$;

-- The column external_transaction_id has the payment that counts. Almost every purchase has no other payment. The index contains the few that
-- have several.
CREATE INDEX purchases_with_several_payments ON purchases USING gin (payment_keys(facts)) WHERE jsonb_array_length(payment_keys(facts)) > 1;
