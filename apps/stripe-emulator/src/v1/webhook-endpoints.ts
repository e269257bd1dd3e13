import Stripe from 'stripe'
import { z } from 'zod'
import { missing } from '../http/errors.ts'
import { page } from '../http/lists.ts'
import { applyMetadata, bool, list, metadata, paging, text, unsettable, url } from '../http/params.ts'
import { route } from '../http/route.ts'
import { newId, randomText } from '../ids.ts'
import type { WebhookEndpoint } from '../store/wire.ts'
import type { World } from '../world.ts'

/** The secret is shown once, when the endpoint is made. */
const shown = ({ secret: _, ...endpoint }: WebhookEndpoint): Omit<WebhookEndpoint, 'secret'> => endpoint

const get = (world: World, id: string): WebhookEndpoint => {
  const endpoint = world.store.webhookEndpoints.get(id)
  if (!endpoint) throw missing('webhook endpoint', id)
  return endpoint
}

export const newEndpoint = (
  given: Pick<WebhookEndpoint, 'created' | 'url' | 'enabled_events'> & Partial<WebhookEndpoint>,
): WebhookEndpoint => ({
  id: newId('webhook_endpoint'),
  object: 'webhook_endpoint',
  api_version: Stripe.API_VERSION,
  application: null,
  description: null,
  livemode: false,
  metadata: {},
  secret: `whsec_${randomText(32)}`,
  status: 'enabled',
  ...given,
})

const fields = { description: unsettable().optional(), metadata: metadata.optional() }

export const webhookEndpoints = [
  route(
    'POST',
    '/v1/webhook_endpoints',
    { ...fields, url, enabled_events: list(text()), api_version: text().optional(), connect: z.literal('false').optional() },
    (world, { metadata: given, connect: _, ...params }) =>
      world.store.webhookEndpoints.put(newEndpoint({ created: world.now(), ...params, metadata: applyMetadata({}, given) })),
  ),
  route('GET', '/v1/webhook_endpoints/:id', {}, (world, _, id) => shown(get(world, id))),
  route(
    'POST',
    '/v1/webhook_endpoints/:id',
    { ...fields, url: url.optional(), enabled_events: list(text()).optional(), disabled: bool.optional() },
    (world, { metadata: given, disabled, ...params }, id) => {
      const before = get(world, id)
      const status = disabled === undefined ? before.status : disabled ? 'disabled' : 'enabled'
      return shown(
        world.store.webhookEndpoints.put({ ...before, ...params, status, metadata: applyMetadata(before.metadata, given) }),
      )
    },
  ),
  route('DELETE', '/v1/webhook_endpoints/:id', {}, (world, _, id) => {
    world.store.webhookEndpoints.remove(get(world, id).id)
    return { id, object: 'webhook_endpoint', deleted: true }
  }),
  route('GET', '/v1/webhook_endpoints', paging, (world, query) => {
    const found = page(world.store.webhookEndpoints, '/v1/webhook_endpoints', 'webhook endpoint', query)
    return { ...found, data: found.data.map(shown) }
  }),
]
