import Stripe from 'stripe'
import { isDefiniteRejection } from '../client.ts'
import { idempotencyKey } from './idempotent-write.ts'
import { listAll } from './pagination.ts'

/** A checkout that is created only to check whether Stripe accepts it. */
export interface ProbedCheckout {
  /** The idempotency key. It differs for each run and checkout, because Stripe would otherwise replay an earlier response. */
  key: string
  /** Minor units. */
  amount: number
  currency: string
  /** If omitted, the account's default applies. */
  managedPayments?: false
  requiresTerms?: true
  automaticTax?: true
}

export type ProbeResult =
  | { accepted: true; managedPayments: boolean }
  | { accepted: false; message: string; code: string | null; param: string | null }

const createProbe = (stripe: Stripe, { amount, currency, key, ...options }: ProbedCheckout): Promise<Stripe.Checkout.Session> =>
  stripe.checkout.sessions.create(
    {
      mode: 'payment',
      success_url: 'https://example.com/',
      line_items: [
        {
          quantity: 1,
          price_data: {
            currency,
            unit_amount: amount,
            product_data: { name: 'pay-to-view preflight' },
            ...(options.automaticTax && { tax_behavior: 'inclusive' }),
          },
        },
      ],
      ...(options.managedPayments === false && { managed_payments: { enabled: false } }),
      ...(options.requiresTerms && { consent_collection: { terms_of_service: 'required' } }),
      ...(options.automaticTax && { automatic_tax: { enabled: true } }),
    },
    { idempotencyKey: idempotencyKey('preflight', key) },
  )

export const accountCalls = (stripe: Stripe) => ({
  fetchAccount: (): Promise<Stripe.Account> => stripe.accounts.retrieveCurrent(),

  listWebhookEndpoints: async (): Promise<Stripe.WebhookEndpoint[]> =>
    (await listAll((page) => stripe.webhookEndpoints.list({ limit: 100, ...page }))).map(({ item }) => item),

  fetchTaxSettings: (): Promise<Stripe.Tax.Settings> => stripe.tax.settings.retrieve(),

  listActiveTaxRegistrations: async (): Promise<Stripe.Tax.Registration[]> =>
    (await listAll((page) => stripe.tax.registrations.list({ status: 'active', limit: 100, ...page }))).map(({ item }) => item),

  /** Creates a checkout and expires it immediately. Throws unless Stripe accepts or definitely rejects it. */
  probeCheckout: async (probe: ProbedCheckout): Promise<ProbeResult> => {
    try {
      const { id, managed_payments } = await createProbe(stripe, probe)
      await stripe.checkout.sessions.expire(id, {}, { idempotencyKey: idempotencyKey('expire preflight', id) })
      return { accepted: true, managedPayments: managed_payments?.enabled ?? false }
    } catch (error) {
      if (!isDefiniteRejection(error)) throw error
      const { message, code = null, param = null } = error
      return { accepted: false, message, code, param }
    }
  },
})

/** Whether Stripe rejects the secret key itself. */
export const isInvalidKey = (error: unknown): boolean => error instanceof Stripe.errors.StripeAuthenticationError
