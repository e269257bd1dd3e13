import type { Bought, Stage } from '../environment/test-environment.ts'

/** What Stripe says about a purchase, in words of its own: another telling of the rules of packages/purchase. */
export const atStripe = async ({ stripe }: Stage, { sessionId }: Bought) => {
  const session = await stripe.node.checkout.sessions.retrieve(sessionId, { expand: ['payment_intent'] })
  const intent = typeof session.payment_intent === 'string' ? null : session.payment_intent
  const unpaid = { paid: 0, refunded: 0, hasAccess: false }
  if (session.status === 'expired') return { status: 'Expired', ...unpaid }
  if (intent?.status !== 'succeeded') {
    const failed = session.status === 'complete' && intent?.status === 'requires_payment_method'
    return { status: failed ? 'Failed' : 'Pending', ...unpaid }
  }
  const { data: refunds } = await stripe.node.refunds.list({ payment_intent: intent.id, limit: 100 })
  const { data: disputes } = await stripe.node.disputes.list({ payment_intent: intent.id, limit: 100 })
  const refunded = refunds
    .filter(({ status }) => status === 'succeeded' || status === 'pending' || status === 'requires_action')
    .reduce((sum, { amount }) => sum + amount, 0)
  const lost = disputes.some(
    ({ status, balance_transactions }) =>
      status === 'lost' || (status === 'prevented' && balance_transactions.reduce((sum, { net }) => sum + net, 0) < 0),
  )
  const open = disputes.some(({ status }) => /^(appeal_)?(needs_response|under_review)$/.test(status))
  const status = refunded >= intent.amount ? 'Refunded' : lost ? 'ChargedBack' : open ? 'Disputed' : 'Completed'
  return { status, paid: intent.amount, refunded, hasAccess: status === 'Completed' }
}

/** What the ledger says about it. */
export const inLedger = async ({ row }: Stage, { id }: Bought) => {
  const { status, amountPaid, amountRefunded, grant } = await row(id)
  return { status, paid: amountPaid, refunded: amountRefunded, hasAccess: grant !== null && grant.endedAt === null }
}
