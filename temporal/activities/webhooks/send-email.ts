import {
  type AttemptOutcome,
  type Db,
  type DueDelivery,
  deleteMessage,
  type EmailMessageData,
  type EmailPurchase,
  emailMessageData,
  readEmailPurchase,
} from '@pay-to-view/db'
import { type MailData, type Mailer, nextMailDelayMs, type Renderer } from '@pay-to-view/email'
import { type EmailType, emailTypes, isPseudonym, startingNoticeLateMs } from '@pay-to-view/purchase'
import type { StripeGateway } from '@pay-to-view/stripe'

export interface EmailDeps {
  stripe: Pick<StripeGateway, 'fetchRecipient'>
  render: Renderer
  mailer: Pick<Mailer, 'send'>
}

/** An e-mail that cannot be sent within this time is abandoned, unless an operator resends it. */
const maxAgeMs = 7 * 86_400_000

const isAt = (time: Date | null | undefined, at: Date | undefined): boolean =>
  time !== null && time !== undefined && time.getTime() === at?.getTime()

/**
 * Whether the content of an e-mail is still true: since it was recorded, access may have been extended or revoked, and the live event may
 * have been moved or canceled.
 */
const isTrue = (type: EmailType, { at }: EmailMessageData, purchase: EmailPurchase, now: Date): boolean => {
  const { grant, accessUntil, availableFrom, canceledAt } = purchase
  const isActive = grant?.isActive === true && canceledAt === null
  switch (type) {
    case 'email.purchase_completed':
    case 'email.withdrawn':
    case 'email.refunded':
    case 'email.event_canceled':
      return true
    case 'email.access_ending':
      // Both expiries must match, because another grant may continue the access.
      return isActive && isAt(grant.expiresAt, at) && isAt(accessUntil, at) && grant.expiresAt !== null && grant.expiresAt > now
    case 'email.event_starting':
      return isActive && isAt(grant.startsAt, at) && now.getTime() - grant.startsAt.getTime() < startingNoticeLateMs
    case 'email.event_moved':
      return isActive && isAt(availableFrom, at)
    default:
      return type satisfies never
  }
}

const mailData = (
  type: EmailType,
  { at, refund }: EmailMessageData,
  purchase: EmailPurchase,
  { receiptUrl, invoiceUrl }: Pick<MailData, 'receiptUrl' | 'invoiceUrl'>,
): MailData => {
  const { grant } = purchase
  return {
    ...{
      type,
      title: purchase.title,
      container: purchase.container,
      product: purchase.productName,
      purchaseId: purchase.id,
      entityId: purchase.entityId,
    },
    currency: purchase.currencyPaid ?? purchase.currency,
    price: {
      ...{ subtotal: purchase.amountSubtotal, discount: purchase.amountDiscount, promotionCode: purchase.promotionCode },
      ...{ tax: purchase.amountTax, isTaxIncluded: purchase.taxBehavior === 'inclusive' },
      ...{ total: purchase.amountPaid, refunded: purchase.amountRefunded },
    },
    paidAt: purchase.completedAt,
    consent: purchase.consentAt && purchase.consentVersion ? { at: purchase.consentAt, version: purchase.consentVersion } : null,
    withdrawnAt: purchase.withdrawnAt,
    access: grant && {
      ...{ isActive: grant.isActive, startsAt: grant.startsAt, expiresAt: grant.expiresAt },
      watchWithinHours: grant.firstPlayedAt === null ? purchase.rentalWatchWithinHours : null,
    },
    at: at ?? null,
    refund: refund?.amount ?? null,
    ...{ receiptUrl, invoiceUrl: invoiceUrl ?? purchase.invoiceUrl },
  }
}

const isEmailType = (type: string): type is EmailType => emailTypes.some((known) => known === type)

/**
 * Makes one attempt to send the e-mail of a message and returns its outcome, which the caller records. Returns null if the message is no
 * longer true; the message is then deleted. Only this function knows the address.
 */
export const sendEmail = async (
  db: Db,
  { stripe, render, mailer }: EmailDeps,
  { messageId, type, data, createdAt, resentAt, attempts }: DueDelivery,
): Promise<AttemptOutcome | null> => {
  const at = new Date()
  const outcome = (
    fields: Pick<AttemptOutcome, 'status' | 'error' | 'result' | 'nextAttemptAt' | 'isNeutral'>,
  ): AttemptOutcome => ({
    ...{ messageId, at, durationMs: Date.now() - at.getTime(), response: null },
    ...fields,
  })
  const notSent = (error: string, status: number | null = null): AttemptOutcome =>
    outcome({ status, error, result: 'failed', nextAttemptAt: null, isNeutral: true })
  const retry = (error: string, status: number | null = null): AttemptOutcome => {
    const delayMs = nextMailDelayMs(attempts + 1)
    return delayMs === null
      ? outcome({ status, error, result: 'failed', nextAttemptAt: null })
      : outcome({ status, error, result: 'failing', nextAttemptAt: new Date(Date.now() + delayMs) })
  }

  const parsed = emailMessageData.safeParse(data)
  const purchase = parsed.success ? await readEmailPurchase(db, parsed.data.purchaseId, parsed.data.memberId) : null
  if (
    !isEmailType(type) ||
    !parsed.success ||
    !purchase ||
    isPseudonym(purchase.userId) ||
    !isTrue(type, parsed.data, purchase, at)
  ) {
    await deleteMessage(db, messageId)
    return null
  }
  if (at.getTime() - (resentAt ?? createdAt).getTime() > maxAgeMs) return notSent('Not sent: the e-mail is too old')
  try {
    const { address, ...links } = await stripe.fetchRecipient(purchase.sessionId, purchase.stripeCustomerId)
    if (address === null) return notSent('Not sent: Stripe has no address for the user')
    const mail = render(mailData(type, parsed.data, purchase, links), purchase.locale)
    const sent = await mailer.send({ ...mail, id: messageId, to: address, attachesTerms: type === 'email.purchase_completed' })
    if (sent.result === 'sent') return outcome({ status: sent.status, error: null, result: 'succeeded', nextAttemptAt: null })
    return sent.result === 'rejected' ? notSent(sent.error, sent.status) : retry(sent.error, sent.status)
  } catch (error) {
    // Only the error's name is kept, because the error's text may contain the address.
    return retry(`The e-mail could not be prepared: ${error instanceof Error ? error.name : 'error'}`)
  }
}
