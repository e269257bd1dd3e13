-- Adds totals by hour: most time zones need no quarter hours, and a year then has a quarter of the rows.
CREATE OR REPLACE VIEW sales_parts AS
    SELECT figures.id, figures.rolled_up, part.dimension, part.grain, part.bucket, part.key, figures.currency, gross, discount, tax, paid, refunded,
        disputed, fees, net, purchases, refunds, disputes
    FROM sales_figures AS figures CROSS JOIN LATERAL (
        SELECT 'total'::sales_dimension AS dimension, 'quarter_hour'::sales_grain AS grain,
            date_bin('15 minutes', figures.at, '2000-01-01T00:00:00Z'::timestamptz) AS bucket, '' AS key
        UNION ALL
        SELECT 'total', 'hour', date_trunc('hour', figures.at, 'UTC'), ''
        UNION ALL
        SELECT dimension, grain, date_trunc(grain::text, figures.at, 'UTC'), key
        FROM (VALUES
            ('entity'::sales_dimension, figures.entity_id), ('product', figures.product_id),
            ('promotion_code', coalesce(figures.promotion_code, '')), ('country', coalesce(figures.country, ''))
        ) AS dimensions (dimension, key), (VALUES ('day'::sales_grain), ('month')) AS grains (grain)
    ) AS part;

INSERT INTO sales_rollups
SELECT dimension, 'hour', date_trunc('hour', bucket, 'UTC'), key, currency, sum(gross), sum(discount), sum(tax), sum(paid), sum(refunded),
    sum(disputed), sum(fees), sum(net), sum(purchases), sum(refunds), sum(disputes)
FROM sales_rollups WHERE grain = 'quarter_hour'
GROUP BY dimension, date_trunc('hour', bucket, 'UTC'), key, currency;
