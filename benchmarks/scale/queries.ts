/** What the server asks of the ledger, as it asks it (packages/db/src/reads), with arguments of the generated data. */
export const queries: Record<string, string> = {
  'history, first page of a user': `select * from purchases where user_id = 'user-4711'
    order by created_at desc, id desc limit 10`,
  'history, of one film': `select * from purchases where user_id = 'user-4711' and entity_id = 'vid_0' || lpad(to_hex(77), 25, '0')
    order by created_at desc, id desc limit 1`,
  'access.check of a film': `select g.purchase_id from (select 'vid_0' || lpad(to_hex(77), 25, '0') as id) as asked
    left join entities e on e.id = asked.id
    left join lateral (select purchase_id from grants where user_id = 'user-4711' and entity_id in (asked.id, e.channel_id)
      and ended_at is null and (expires_at is null or expires_at > now())
      order by expires_at desc nulls first limit 1) as g on true`,
  'search: newest': 'select * from purchases order by created_at desc, id desc limit 51',
  'search: by user': "select * from purchases where user_id = 'user-4711' order by created_at desc, id desc limit 51",
  'search: by entity': `select * from purchases where entity_id = 'vid_0' || lpad(to_hex(77), 25, '0')
    order by created_at desc, id desc limit 51`,
  'search: by product': `select * from purchases where product_id = 'prod_0' || lpad(to_hex(1), 25, '0')
    order by created_at desc, id desc limit 51`,
  'search: by a product without purchases':
    "select * from purchases where product_id = 'none' order by created_at desc, id desc limit 51",
  'search: by payment': "select * from purchases where external_transaction_id = 'pi_500002' order by created_at desc limit 51",
  'search: Refunded': "select * from purchases where status = 'Refunded' order by created_at desc, id desc limit 51",
  'search: ChargedBack, of which there are none':
    "select * from purchases where status = 'ChargedBack' order by created_at desc, id desc limit 51",
  'search: deep, a year back': `select * from purchases where created_at <= now() - interval '365 days'
    order by created_at desc, id desc limit 51`,
  'stuck: pending past their deadline': `select count(*) from purchases where status = 'Pending' and not processing
    and mismatch is null and checkout_deadline < now() - interval '2 minutes'`,
  'stuck: events not applied': `select count(*) from stripe_events where applied_at is null and outcome in ('received', 'ours')
    and received_at < now() - interval '2 minutes'`,
  'stuck: orphan events': "select count(*) from stripe_events where outcome = 'orphan'",
  'stuck: refunds without an answer': `select count(*) from refund_requests where answered_at is null
    and created_at < now() - interval '2 minutes'`,
}
