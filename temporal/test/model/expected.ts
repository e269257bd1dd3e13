import type { TestEnvironment, TestPurchase } from '../environment/test-environment.ts'

/** Derives the state of a purchase from Stripe's objects: a second implementation of the rules in packages/purchase. */
export const expectedFromStripe = async ({ stripe }: TestEnvironment, { sessionId }: TestPurchase) => {
  const session = await stripe.client.checkout.sessions.retrieve(sessionId, { expand: ['payment_intent'] })
  const intent = typeof session.payment_intent === 'string' ? null : session.payment_intent
  const unpaid = { paid: 0, refunded: 0, hasAccess: false }
  if (session.status === 'expired') return { status: 'Expired', ...unpaid }
  if (intent?.status !== 'succeeded') {
    const failed = session.status === 'complete' && intent?.status === 'requires_payment_method'
    return { status: failed ? 'Failed' : 'Pending', ...unpaid }
  }
  const { data: refunds } = await stripe.client.refunds.list({ payment_intent: intent.id, limit: 100 })
  const { data: disputes } = await stripe.client.disputes.list({ payment_intent: intent.id, limit: 100 })
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

/** Reads the stored state of a purchase. */
export const readStored = async ({ row }: TestEnvironment, { id }: TestPurchase) => {
  const { status, amountPaid, amountRefunded, grant } = await row(id)
  return { status, paid: amountPaid, refunded: amountRefunded, hasAccess: grant !== null && grant.revokedAt === null }
}
