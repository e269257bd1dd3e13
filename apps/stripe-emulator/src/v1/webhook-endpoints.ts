import { z } from 'zod'
import type { Account } from '../account.ts'
import { notSupported, resourceMissing } from '../http/errors.ts'
import { paginate } from '../http/lists.ts'
import { applyMetadata, bool, list, metadata, nullableText, paging, url } from '../http/params.ts'
import { route } from '../http/route.ts'
import { API_VERSIONS, EVENT_TYPES } from '../http/stripe-api.ts'
import { newId, randomText } from '../ids.ts'
import type { WebhookEndpoint } from '../store/objects.ts'

/** Removes the secret, which only the response to the creation of an endpoint contains. */
const withoutSecret = ({ secret: _, ...endpoint }: WebhookEndpoint): Omit<WebhookEndpoint, 'secret'> => endpoint

const getEndpoint = (account: Account, id: string): WebhookEndpoint => {
  const endpoint = account.store.webhookEndpoints.get(id)
  if (!endpoint) throw resourceMissing('webhook endpoint', id)
  return endpoint
}

export const newWebhookEndpoint = (
  fields: Pick<WebhookEndpoint, 'created' | 'url' | 'enabled_events'> & Partial<WebhookEndpoint>,
): WebhookEndpoint => ({
  id: newId('webhook_endpoint'),
  object: 'webhook_endpoint',
  api_version: null,
  application: null,
  description: null,
  livemode: false,
  metadata: {},
  secret: `whsec_${randomText(32)}`,
  status: 'enabled',
  ...fields,
})

const eventTypes = list(z.enum([...EVENT_TYPES]))
const commonParams = { description: nullableText().optional(), metadata: metadata.optional() }

export const webhookEndpoints = [
  route(
    'POST',
    '/v1/webhook_endpoints',
    {
      ...commonParams,
      url,
      enabled_events: eventTypes,
      api_version: z.enum([...API_VERSIONS]).optional(),
      connect: bool.optional(),
    },
    (account, { metadata: metadataChange, connect, ...params }) => {
      if (connect) throw notSupported('A webhook endpoint for connected accounts', 'connect')
      return account.store.webhookEndpoints.put(
        newWebhookEndpoint({ created: account.nowSeconds(), ...params, metadata: applyMetadata({}, metadataChange) }),
      )
    },
  ),
  route('GET', '/v1/webhook_endpoints/:id', {}, (account, _, id) => withoutSecret(getEndpoint(account, id))),
  route(
    'POST',
    '/v1/webhook_endpoints/:id',
    { ...commonParams, url: url.optional(), enabled_events: eventTypes.optional(), disabled: bool.optional() },
    (account, { metadata: metadataChange, disabled, ...params }, id) => {
      const before = getEndpoint(account, id)
      const status = disabled === undefined ? before.status : disabled ? 'disabled' : 'enabled'
      return withoutSecret(
        account.store.webhookEndpoints.put({
          ...before,
          ...params,
          status,
          metadata: applyMetadata(before.metadata, metadataChange),
        }),
      )
    },
  ),
  route('DELETE', '/v1/webhook_endpoints/:id', {}, (account, _, id) => {
    account.store.webhookEndpoints.remove(getEndpoint(account, id).id)
    return { id, object: 'webhook_endpoint', deleted: true }
  }),
  route('GET', '/v1/webhook_endpoints', paging, (account, query) => {
    const list = paginate(account.store.webhookEndpoints, '/v1/webhook_endpoints', 'webhook endpoint', query)
    return { ...list, data: list.data.map(withoutSecret) }
  }),
]
