import {
  type Db,
  type Finding,
  type LedgerPayment,
  PurchaseNotFound,
  paymentsOf,
  paymentsSince,
  readFacts,
  readPurchaseTerms,
} from '@pay-to-view/db'
import { isActiveRefund, mergeAll, project } from '@pay-to-view/purchase'
import { purchaseIdIn, type StripeGateway } from '@pay-to-view/stripe'

const compare = async (db: Db, stripe: StripeGateway, id: string, sessionId: string): Promise<Finding[]> => {
  const broken = (rule: string, detail: string): Finding => ({ level: 'broken', rule, id, detail })
  try {
    const checkout = await stripe.fetchCheckoutSnapshots(sessionId)
    const payments = checkout
      .filter((snapshot) => snapshot.kind === 'payment' && snapshot.status === 'paid')
      .map(({ id: payment }) => payment)
    const rest = await Promise.all(
      payments.map(async (payment) => [...(await stripe.listRefunds(payment)), ...(await stripe.listDisputes(payment))]),
    )
    // Read last: what a webhook has told meanwhile is no difference.
    const { facts, projection } = await readFacts(db, id)
    const told = project(mergeAll(facts, [...checkout, ...rest.flat()]), await readPurchaseTerms(db, id))
    const differences = [
      told.status !== projection.status && `Stripe says ${told.status}, we say ${projection.status}`,
      told.amountRefunded !== projection.amountRefunded &&
        `Stripe refunded ${told.amountRefunded}, we say ${projection.amountRefunded}`,
      told.payment?.id !== projection.payment?.id && `Stripe was paid by ${told.payment?.id}, we say ${projection.payment?.id}`,
    ]
    return differences.filter((text) => text !== false).map((detail) => broken('ledger_agrees_with_stripe', detail))
  } catch (error) {
    if (error instanceof PurchaseNotFound)
      return [broken('stripe_knows_no_other_purchase', `${sessionId} names it, and there is no such purchase`)]
    throw error
  }
}

/** Every checkout at Stripe that carries our metadata against its purchase here, one after the other. */
export async function* checkAgainstStripe(db: Db, stripe: StripeGateway, since: number): AsyncGenerator<Finding[]> {
  for await (const page of stripe.listCheckoutSessions(since)) {
    for (const session of page) {
      const id = purchaseIdIn(session.metadata)
      if (id !== null) yield await compare(db, stripe, id, session.id)
    }
  }
}

/** What Stripe says of a payment of ours that differs from the ledger, as [rule, detail]. */
const differencesOf = async (
  stripe: StripeGateway,
  { id, ...ours }: LedgerPayment,
): Promise<[rule: string, detail: string][]> => {
  const theirs = await stripe.fetchPaymentIntent(id)
  if (!theirs) return [['stripe_has_the_payment', `Stripe does not know ${id}`]]
  if (theirs.status !== 'succeeded') return [['stripe_has_the_payment', `${id} is ${theirs.status} at Stripe`]]
  const found: [string, string][] = []
  if (theirs.amount !== ours.amount || theirs.currency !== ours.currency) {
    const [said, known] = [theirs, ours].map(({ amount, currency }) => `${amount} ${currency}`)
    found.push(['stripe_received_as_much', `Stripe received ${said} by ${id}, we say ${known}`])
  }
  if (theirs.refunded !== ours.refunded) {
    // The charge's sum is a hint only.
    const refunds = await stripe.listRefunds(id)
    const refunded = refunds.filter(isActiveRefund).reduce((sum, { amount }) => sum + amount, 0)
    if (refunded !== ours.refunded)
      found.push(['stripe_refunded_as_much', `Stripe refunded ${refunded} of ${id}, we say ${ours.refunded}`])
  }
  return found
}

const comparePayment = async (db: Db, stripe: StripeGateway, payment: LedgerPayment): Promise<Finding[]> => {
  if ((await differencesOf(stripe, payment)).length === 0) return []
  // The ledger was read before Stripe: what has been told meanwhile is no difference.
  const now = (await paymentsOf(db, payment.purchaseId)).find(({ id }) => id === payment.id)
  const found = now ? await differencesOf(stripe, now) : []
  return found.map(([rule, detail]) => ({ level: 'broken', rule, id: payment.purchaseId, detail }))
}

/** Payments that are looked at at once: at Stripe's usual 150 ms that stays below the limit of its test mode (25 requests a second). */
const atOnce = 3

/** Every payment that the ledger has since a time (seconds since the epoch) against its PaymentIntent. */
export async function* checkLedgerAgainstStripe(
  db: Db,
  stripe: StripeGateway,
  since: number,
): AsyncGenerator<{ looked: number; found: Finding[] }> {
  for await (const page of paymentsSince(db, new Date(since * 1000))) {
    for (let from = 0; from < page.length; from += atOnce) {
      const some = page.slice(from, from + atOnce)
      const found = await Promise.all(some.map((payment) => comparePayment(db, stripe, payment)))
      yield { looked: some.length, found: found.flat() }
    }
  }
}
