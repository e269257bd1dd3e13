import { eventTypes } from '@pay-to-view/ingestion'
import { createStripe, isLivemode, stripeApiVersion } from '@pay-to-view/stripe'
import { environments, readEnvironment } from './env.ts'

const webhookPath = '/client/v1/webhooks/stripe'

/** Makes the webhook endpoint of this site at Stripe, or brings the one it has up to date. Prints its secret once: Stripe tells it only then. */
export const stripeSetup = async (site: string): Promise<number> => {
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_API_BASE: apiBase } = readEnvironment(environments.stripe)
  const stripe = createStripe({ secretKey, apiBase })
  const url = new URL(webhookPath, site).href
  const mode = isLivemode(secretKey) ? 'live' : 'test'
  const enabled_events = [...eventTypes]
  for await (const endpoint of stripe.webhookEndpoints.list({ limit: 100 })) {
    if (endpoint.url !== url) continue
    if (endpoint.api_version !== stripeApiVersion) {
      console.log(
        `${endpoint.id} speaks API version ${endpoint.api_version}, which cannot be changed: delete it when the new one works.`,
      )
      continue
    }
    await stripe.webhookEndpoints.update(
      endpoint.id,
      { enabled_events, disabled: false },
      { idempotencyKey: `pay-to-view-webhook-update-${crypto.randomUUID()}` },
    )
    console.log(
      `${endpoint.id} (${mode}) tells ${url} of ${enabled_events.length} types of event. Its secret is the one you have.`,
    )
    return 0
  }
  const made = await stripe.webhookEndpoints.create(
    { url, enabled_events, api_version: stripeApiVersion, description: 'pay-to-view' },
    { idempotencyKey: `pay-to-view-webhook-${crypto.randomUUID()}` },
  )
  console.log(
    `${made.id} (${mode}) tells ${url} of ${enabled_events.length} types of event. Set this for the server, Stripe shows it only now:\n`,
  )
  console.log(`STRIPE_WEBHOOK_SECRET=${made.secret}`)
  return 0
}
