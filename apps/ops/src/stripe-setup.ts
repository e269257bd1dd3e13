import { eventTypes } from '@pay-to-view/ingestion'
import { createStripe, isLivemode, stripeApiVersion } from '@pay-to-view/stripe'
import { environments, readEnvironment } from './env.ts'

/** The path at which the server receives Stripe's webhooks. */
export const webhookPath = '/client/v1/webhooks/stripe'

/** Creates or updates the webhook endpoint in Stripe. Prints the signing secret of a new endpoint, which Stripe returns only once. */
export const setUpWebhookEndpoint = async (serverUrl: string): Promise<number> => {
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_API_BASE: apiBase } = readEnvironment(environments.stripe)
  const stripe = createStripe({ secretKey, apiBase })
  const url = new URL(webhookPath, serverUrl).href
  const mode = isLivemode(secretKey) ? 'live' : 'test'
  const enabled_events = [...eventTypes]
  for await (const endpoint of stripe.webhookEndpoints.list({ limit: 100 })) {
    if (endpoint.url !== url) continue
    if (endpoint.api_version !== stripeApiVersion) {
      console.log(
        `${endpoint.id} has API version ${endpoint.api_version}, which cannot be changed. Delete it once the new endpoint works.`,
      )
      continue
    }
    await stripe.webhookEndpoints.update(
      endpoint.id,
      { enabled_events, disabled: false },
      { idempotencyKey: `pay-to-view-webhook-update-${crypto.randomUUID()}` },
    )
    console.log(
      `Updated ${endpoint.id} (${mode}): it sends ${enabled_events.length} event types to ${url}. Its secret has not changed.`,
    )
    return 0
  }
  const created = await stripe.webhookEndpoints.create(
    { url, enabled_events, api_version: stripeApiVersion, description: 'pay-to-view' },
    { idempotencyKey: `pay-to-view-webhook-${crypto.randomUUID()}` },
  )
  console.log(
    `Created ${created.id} (${mode}): it sends ${enabled_events.length} event types to ${url}. Set this variable for the server; Stripe shows the secret only once:\n`,
  )
  console.log(`STRIPE_WEBHOOK_SECRET=${created.secret}`)
  return 0
}
