import { type Db, type Finding, PurchaseNotFound, readFacts, readQuote } from '@pay-to-view/db'
import { mergeAll, project } from '@pay-to-view/purchase'
import { purchaseIdIn, type StripeGateway } from '@pay-to-view/stripe'

const compare = async (db: Db, stripe: StripeGateway, id: string, sessionId: string): Promise<Finding[]> => {
  const broken = (rule: string, detail: string): Finding => ({ level: 'broken', rule, id, detail })
  try {
    const checkout = await stripe.lookAtCheckout(sessionId)
    const payments = checkout
      .filter((snapshot) => snapshot.kind === 'payment' && snapshot.status === 'paid')
      .map(({ id: payment }) => payment)
    const rest = await Promise.all(
      payments.map(async (payment) => [...(await stripe.refundsOf(payment)), ...(await stripe.disputesOf(payment))]),
    )
    // Read last: what a webhook has told meanwhile is no difference.
    const { facts, projection } = await readFacts(db, id)
    const told = project(mergeAll(facts, [...checkout, ...rest.flat()]), await readQuote(db, id))
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
  for await (const page of stripe.checkoutsSince(since)) {
    for (const session of page) {
      const id = purchaseIdIn(session.metadata)
      if (id !== null) yield await compare(db, stripe, id, session.id)
    }
  }
}
