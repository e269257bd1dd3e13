-- A free order is completed without a PaymentIntent.
ALTER TABLE purchases
    DROP CONSTRAINT purchases_paid_is_known,
    ADD CONSTRAINT purchases_paid_is_known CHECK (
        status NOT IN ('Completed', 'Refunded', 'Disputed', 'ChargedBack')
        OR (completed_at IS NOT NULL AND currency_paid IS NOT NULL AND (external_transaction_id IS NOT NULL OR amount_paid = 0))
    );

-- To take back a free order, nothing is refunded.
ALTER TABLE refund_requests
    DROP CONSTRAINT refund_requests_amount_positive,
    ADD CONSTRAINT refund_requests_amount_positive CHECK (amount > 0 OR (amount = 0 AND free_order_id IS NOT NULL));
