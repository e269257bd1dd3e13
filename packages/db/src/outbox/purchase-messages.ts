import { factsOf, isCheckoutRejected, purchaseMessages, type RefundSnapshot } from '@pay-to-view/purchase'
import type { ApplyContext } from '../apply/load-context.ts'
import { type PurchaseItem, toPurchaseItem } from '../purchase-item.ts'
import { columns, type PurchaseRow, withAccess } from '../reads/history.ts'
import { confirmationEmail, refundEmail } from './email-messages.ts'
import { type NewMessage, recordMessages } from './record-messages.ts'

type PurchaseData = PurchaseItem & { userId: string }

export const purchaseData = (row: PurchaseRow): PurchaseData => ({ userId: row.userId, ...toPurchaseItem(row) })

const refundData = ({ id, amount, status, requestId, createdAt }: RefundSnapshot, currency: string) => ({
  ...{ refundId: id, amount, currency, status, requestId },
  createdAt: new Date(createdAt * 1_000).toISOString(),
})

/** Returns the refunds that the snapshots have added or changed. */
const updatedRefunds = ({ facts, factsBefore }: ApplyContext): RefundSnapshot[] =>
  factsOf(facts, 'refund').filter((refund) => {
    const before = factsBefore[`refund:${refund.id}`]
    return before?.kind !== 'refund' || before.status !== refund.status || before.amount !== refund.amount
  })

/** Returns the refunds that have newly succeeded. */
const newlyRefunded = ({ factsBefore }: ApplyContext, refunds: readonly RefundSnapshot[]): RefundSnapshot[] =>
  refunds.filter(({ id, status }) => {
    const before = factsBefore[`refund:${id}`]
    return status === 'succeeded' && !(before?.kind === 'refund' && before.status === 'succeeded')
  })

/**
 * Returns the e-mails to the buyer. A free order that is taken back has no refund in Stripe, so its change of status triggers the e-mail.
 * For a free order of a canceled entity, the e-mail about the cancellation is enough.
 */
const buyerEmails = (context: ApplyContext, refunds: readonly RefundSnapshot[]): NewMessage[] => {
  const { purchase, projection } = context
  const buyer = { userId: purchase.userId, purchaseId: purchase.id }
  const isFree = projection.payment === null && purchase.entity.canceledAt === null
  const isTakenBack = isFree && purchase.status !== 'Refunded' && projection.status === 'Refunded'
  return [
    ...confirmationEmail(purchase.status, projection.status, buyer),
    ...newlyRefunded(context, refunds).flatMap(({ id, amount }) => refundEmail(buyer, { id, amount })),
    ...(isTakenBack ? refundEmail(buyer, { id: null, amount: 0 }) : []),
  ]
}

const currencyOf = ({ facts, purchase }: ApplyContext, { paymentIntentId }: RefundSnapshot): string =>
  factsOf(facts, 'payment').find(({ id }) => id === paymentIntentId)?.currency ?? purchase.currencyPaid ?? purchase.currency

/**
 * Records the messages about the status change and the refunds of a purchase whose row the transaction has written. There is no
 * `purchase.expired` for a purchase whose checkout Stripe has rejected: the buyer got an error, and nothing has expired.
 */
export const recordPurchaseMessages = async (context: ApplyContext): Promise<void> => {
  const { tx, purchase, projection } = context
  const isRejected = isCheckoutRejected(context.facts)
  const types = purchaseMessages(purchase.status, projection.status).filter((type) => !isRejected || type !== 'purchase.expired')
  const refunds = updatedRefunds(context)
  if (types.length === 0 && refunds.length === 0) return
  await recordMessages(tx, async () => {
    const row = withAccess(await tx.purchase.findUniqueOrThrow({ where: { id: purchase.id }, select: columns }))
    const data = purchaseData(row)
    const { userId, id: purchaseId } = row
    return [
      ...types.map((type): NewMessage => ({ type, data, userId, purchaseId })),
      ...refunds.map(
        (refund): NewMessage => ({
          ...{ type: 'refund.updated', userId, purchaseId },
          data: { ...data, refund: refundData(refund, currencyOf(context, refund)) },
        }),
      ),
      ...buyerEmails(context, refunds),
    ]
  })
}
