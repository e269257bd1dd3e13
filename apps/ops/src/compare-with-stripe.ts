import {
  type Db,
  type DoctorRule,
  type Finding,
  type LedgerPayment,
  PurchaseNotFound,
  paymentsOf,
  paymentsSince,
  readFacts,
  readPurchaseTerms,
} from '@pay-to-view/db'
import { isActiveRefund, mergeAll, type Projection, project } from '@pay-to-view/purchase'
import { isForeignSite, isOtherSite, purchaseIdIn, type StripeGateway, siteIn } from '@pay-to-view/stripe'

/** The fields that are compared, in addition to the payment or free order that settles the purchase. */
const comparedFields = [
  ...(['status', 'mismatch', 'amountPaid', 'amountRefunded', 'amountSubtotal', 'amountDiscount', 'amountTax'] as const),
  'promotionCode',
] as const

/**
 * Compares a checkout session with its purchase. A purchase that does not exist is a finding, unless the session belongs to another site
 * (`isForeign`).
 */
const compareSession = async (
  db: Db,
  stripe: StripeGateway,
  { id, sessionId, isForeign }: { id: string; sessionId: string; isForeign: boolean },
): Promise<Finding[]> => {
  const broken = (rule: DoctorRule, detail: string): Finding => ({ level: 'broken', rule, id, detail })
  try {
    const sessionSnapshots = await stripe.fetchCheckoutSnapshots(sessionId)
    const paymentIds = sessionSnapshots
      .filter((snapshot) => snapshot.kind === 'payment' && snapshot.status === 'paid')
      .map((snapshot) => snapshot.id)
    const paymentSnapshots = await Promise.all(
      paymentIds.map(async (paymentId) => [...(await stripe.listRefunds(paymentId)), ...(await stripe.listDisputes(paymentId))]),
    )
    // The database is read after Stripe, so that the effect of a webhook that arrived in between is not reported as a difference.
    const { facts, projection } = await readFacts(db, id)
    const expected = project(mergeAll(facts, [...sessionSnapshots, ...paymentSnapshots.flat()]), await readPurchaseTerms(db, id))
    const settlementOf = ({ settlement }: Projection) => settlement?.id ?? 'none'
    return [
      ...comparedFields
        .filter((name) => expected[name] !== projection[name])
        .map((name) => `${name} is ${projection[name]}, but ${expected[name]} in Stripe`),
      ...(settlementOf(expected) === settlementOf(projection)
        ? []
        : [`payment is ${settlementOf(projection)}, but ${settlementOf(expected)} in Stripe`]),
    ].map((detail) => broken('purchase_matches_stripe', detail))
  } catch (error) {
    if (error instanceof PurchaseNotFound)
      return isForeign
        ? []
        : [broken('session_has_purchase', `the metadata of ${sessionId} names a purchase that does not exist`)]
    throw error
  }
}

/** Compares each of our checkout sessions created since a given time (seconds since the epoch) with its purchase. `site` is SITE_ID. */
export async function* compareSessions(db: Db, stripe: StripeGateway, since: number, site?: string): AsyncGenerator<Finding[]> {
  for await (const page of stripe.listCheckoutSessions(since)) {
    for (const session of page) {
      const id = purchaseIdIn(session.metadata)
      const sessionSite = siteIn(session.metadata)
      if (id === null || isOtherSite(sessionSite, site)) continue
      yield await compareSession(db, stripe, { id, sessionId: session.id, isForeign: isForeignSite(sessionSite, site) })
    }
  }
}

/** Returns the differences between a payment in the event ledger and its PaymentIntent, as [rule, detail]. */
const findDifferences = async (
  stripe: StripeGateway,
  { id, ...ledger }: LedgerPayment,
): Promise<[rule: DoctorRule, detail: string][]> => {
  const atStripe = await stripe.fetchPaymentIntent(id)
  if (!atStripe) return [['payment_exists_at_stripe', `${id} does not exist in Stripe`]]
  if (atStripe.status !== 'succeeded') return [['payment_exists_at_stripe', `${id} is ${atStripe.status} in Stripe`]]
  const differences: [rule: DoctorRule, detail: string][] = []
  if (atStripe.amount !== ledger.amount || atStripe.currency !== ledger.currency) {
    const [actual, expected] = [ledger, atStripe].map(({ amount, currency }) => `${amount} ${currency}`)
    differences.push(['payment_amount_matches_stripe', `${id} is ${actual}, but ${expected} in Stripe`])
  }
  if (atStripe.refunded !== ledger.refunded) {
    // The charge's refunded amount includes failed refunds, so the refunds are added up here.
    const refunds = await stripe.listRefunds(id)
    const refunded = refunds.filter(isActiveRefund).reduce((sum, { amount }) => sum + amount, 0)
    if (refunded !== ledger.refunded)
      differences.push(['refunded_amount_matches_stripe', `${ledger.refunded} of ${id} is refunded, but ${refunded} in Stripe`])
  }
  return differences
}

const comparePayment = async (db: Db, stripe: StripeGateway, payment: LedgerPayment): Promise<Finding[]> => {
  if ((await findDifferences(stripe, payment)).length === 0) return []
  // The event ledger was read before Stripe, so a webhook may have arrived in between. The ledger is therefore read again, and the
  // comparison is repeated.
  const current = (await paymentsOf(db, payment.purchaseId)).find(({ id }) => id === payment.id)
  const differences = current ? await findDifferences(stripe, current) : []
  return differences.map(([rule, detail]) => ({ level: 'broken', rule, id: payment.purchaseId, detail }))
}

/** At Stripe's usual 150 ms per call, this stays below the test mode rate limit (25 requests per second). */
const concurrentPayments = 3

/** Compares each payment in the event ledger that was made since a given time (seconds since the epoch) with its PaymentIntent. */
export async function* comparePayments(
  db: Db,
  stripe: StripeGateway,
  since: number,
): AsyncGenerator<{ checked: number; findings: Finding[] }> {
  for await (const page of paymentsSince(db, new Date(since * 1000))) {
    for (let start = 0; start < page.length; start += concurrentPayments) {
      const batch = page.slice(start, start + concurrentPayments)
      const findings = await Promise.all(batch.map((payment) => comparePayment(db, stripe, payment)))
      yield { checked: batch.length, findings: findings.flat() }
    }
  }
}
