import type { Account } from '../account.ts'
import { invalidParam, resourceMissing } from '../http/errors.ts'
import { paginate } from '../http/lists.ts'
import { bool, created, list, paging, text } from '../http/params.ts'
import { route } from '../http/route.ts'
import type { Event } from '../store/objects.ts'

const RETENTION_SECONDS = 30 * 86_400

/** Returns an event. As in Stripe, events can be retrieved for 30 days (Stripe's API reference, "Events"). */
export const getEvent = (account: Account, id: string): Event => {
  const event = account.store.events.get(id)
  if (!event || event.created < account.nowSeconds() - RETENTION_SECONDS) throw resourceMissing('event', id)
  return event
}

const filters = {
  ...paging,
  created: created.optional(),
  delivery_success: bool.optional(),
  type: text().optional(),
  types: list(text()).optional(),
}

/** Returns whether a type matches one of the patterns. `charge.*` matches every type that begins with `charge.`. */
const matchesType = (patterns: string[], type: string): boolean =>
  patterns.some((pattern) => pattern === type || (pattern.endsWith('*') && type.startsWith(pattern.slice(0, -1))))

/** Resends the event to every endpoint, or only to `endpointId`. */
export const resend = (account: Account, id: string, endpointId?: string): Event => {
  const event = getEvent(account, id)
  if (endpointId !== undefined && !account.store.webhookEndpoints.get(endpointId))
    throw resourceMissing('webhook endpoint', endpointId, 'webhook_endpoint', 400)
  for (const endpoint of account.store.webhookEndpoints.values())
    if (endpoint.status === 'enabled' && endpoint.id === (endpointId ?? endpoint.id)) account.send(event, endpoint)
  return event
}

export const events = [
  route('GET', '/v1/events/:id', {}, (account, _, id) => getEvent(account, id)),
  // Stripe's CLI calls this endpoint for `stripe events resend`.
  route(
    'POST',
    '/v1/events/:id/retry',
    { webhook_endpoint: text().optional(), for_stripecli: bool.optional() },
    (account, { webhook_endpoint }, id) => resend(account, id, webhook_endpoint),
  ),
  route('GET', '/v1/events', filters, (account, { type, types, delivery_success, ...query }) => {
    if (type && types)
      throw invalidParam('You may only specify one of these parameters: type, types.', {
        code: 'parameters_exclusive',
        param: 'type',
      })
    if (types && types.length > 20) throw invalidParam('You may pass up to 20 types.', { param: 'types' })
    const wantedTypes = types ?? (type ? [type] : undefined)
    const oldest = account.nowSeconds() - RETENTION_SECONDS
    return paginate(account.store.events, '/v1/events', 'event', {
      ...query,
      where:
        delivery_success === false
          ? { index: 'undelivered', key: 'yes' }
          : wantedTypes?.length === 1 && !wantedTypes[0]?.includes('*')
            ? { index: 'type', key: wantedTypes[0] ?? '' }
            : undefined,
      matches: (event) =>
        event.created >= oldest &&
        (!wantedTypes || matchesType(wantedTypes, event.type)) &&
        (delivery_success !== true || event.pending_webhooks === 0),
    })
  }),
]
