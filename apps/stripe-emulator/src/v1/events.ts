import { invalidParam, missing } from '../http/errors.ts'
import { page } from '../http/lists.ts'
import { bool, created, list, paging, text } from '../http/params.ts'
import { route } from '../http/route.ts'
import type { Event } from '../store/wire.ts'
import type { World } from '../world.ts'

const RETENTION = 30 * 86_400

/** Stripe answers events for 30 days (its reference, "Events"). */
export const getEvent = (world: World, id: string): Event => {
  const event = world.store.events.get(id)
  if (!event || event.created < world.now() - RETENTION) throw missing('event', id)
  return event
}

const filters = {
  ...paging,
  created: created.optional(),
  delivery_success: bool.optional(),
  type: text().optional(),
  types: list(text()).optional(),
}

/** `charge.*` stands for all that begin so. */
const among = (patterns: string[], type: string): boolean =>
  patterns.some((pattern) => pattern === type || (pattern.endsWith('*') && type.startsWith(pattern.slice(0, -1))))

/** Again to every endpoint, or to the one named. */
export const resend = (world: World, id: string, only?: string): Event => {
  const event = getEvent(world, id)
  if (only !== undefined && !world.store.webhookEndpoints.get(only))
    throw missing('webhook endpoint', only, 'webhook_endpoint', 400)
  for (const endpoint of world.store.webhookEndpoints.values())
    if (endpoint.status === 'enabled' && endpoint.id === (only ?? endpoint.id)) world.send(event, endpoint)
  return event
}

export const events = [
  route('GET', '/v1/events/:id', {}, (world, _, id) => getEvent(world, id)),
  // What Stripe's CLI calls for `stripe events resend`.
  route(
    'POST',
    '/v1/events/:id/retry',
    { webhook_endpoint: text().optional(), for_stripecli: bool.optional() },
    (world, { webhook_endpoint }, id) => resend(world, id, webhook_endpoint),
  ),
  route('GET', '/v1/events', filters, (world, { type, types, delivery_success, ...query }) => {
    if (type && types)
      throw invalidParam('You may only specify one of these parameters: type, types.', {
        code: 'parameters_exclusive',
        param: 'type',
      })
    if (types && types.length > 20) throw invalidParam('You may pass up to 20 types.', { param: 'types' })
    const wanted = types ?? (type ? [type] : undefined)
    const oldest = world.now() - RETENTION
    return page(world.store.events, '/v1/events', 'event', {
      ...query,
      where:
        delivery_success === false
          ? { index: 'undelivered', key: 'yes' }
          : wanted?.length === 1 && !wanted[0]?.includes('*')
            ? { index: 'type', key: wanted[0] ?? '' }
            : undefined,
      matches: (event) =>
        event.created >= oldest &&
        (!wanted || among(wanted, event.type)) &&
        (delivery_success !== true || event.pending_webhooks === 0),
    })
  }),
]
