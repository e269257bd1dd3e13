import { eventTypes } from '@pay-to-view/ingestion'
import { isLivemode, stripeApiVersion } from '@pay-to-view/stripe'
import { webhookPath } from '../stripe-setup.ts'
import { type Check, error, ok, type Preflight, type Result, warning } from './check.ts'

type Endpoint = Awaited<ReturnType<Preflight['stripe']['listWebhookEndpoints']>>[number]

const setupCommand = (url: string | null): string => `npm run stripe:setup -- --url ${url ?? 'https://api.example.com'}`

const serverOf = (endpoint: Endpoint): string => new URL(endpoint.url).origin

const isForServer = ({ url }: Endpoint, serverUrl: string | null): boolean =>
  serverUrl === null ? new URL(url).pathname === webhookPath : url === new URL(webhookPath, serverUrl).href

const eventResult = (endpoint: Endpoint): Result => {
  const { id, enabled_events: enabled } = endpoint
  if (enabled.includes('*'))
    return warning(
      `${id} sends every event type, and most are ignored. Limit the event types: ${setupCommand(serverOf(endpoint))}`,
    )
  const missing = eventTypes.filter((type) => !enabled.includes(type))
  if (missing.length > 0) return error(`${id} does not send ${missing.join(', ')}. Add them: ${setupCommand(serverOf(endpoint))}`)
  const ignored = enabled.filter((type) => !eventTypes.some((own) => own === type))
  return ignored.length === 0
    ? ok(`${id} sends the ${eventTypes.length} event types that pay-to-view reads`)
    : warning(`${id} also sends ${ignored.join(', ')}, which are ignored. Remove them: ${setupCommand(serverOf(endpoint))}`)
}

const versionResult = (endpoint: Endpoint, others: readonly Endpoint[]): Result => {
  const { id, api_version } = endpoint
  const fix = `The version of an endpoint cannot be changed: run ${setupCommand(serverOf(endpoint))}, set the new secret, then delete ${id}`
  if (api_version === stripeApiVersion) return ok(`${id} has API version ${stripeApiVersion}`)
  if (api_version === null)
    return warning(`${id} has the account's default API version, which may differ from ${stripeApiVersion}. ${fix}`)
  const isReplaced = others.some((other) => other.url === endpoint.url && other.api_version === stripeApiVersion)
  return isReplaced
    ? warning(
        `${id} has API version ${api_version} and has been replaced by another endpoint. Delete ${id} when the new secret is set`,
      )
    : error(`${id} has API version ${api_version}, but pay-to-view expects ${stripeApiVersion}. ${fix}`)
}

const endpointResults = (endpoint: Endpoint, all: readonly Endpoint[], live: boolean): Result[] => {
  const { id, url, status } = endpoint
  const address =
    status !== 'enabled'
      ? error(`${id} (${url}) is ${status}. Enable it: ${setupCommand(serverOf(endpoint))}`)
      : live && !url.startsWith('https://')
        ? error(`${id} sends to ${url} without TLS. Use an https URL: ${setupCommand(null)}`)
        : ok(`${id} sends to ${url}`)
  return [address, eventResult(endpoint), versionResult(endpoint, all)]
}

export const webhooks: Check = {
  name: 'webhooks',
  run: async ({ stripe, serverUrl, secretKey }) => {
    const endpoints = (await stripe.listWebhookEndpoints()).filter((endpoint) => isForServer(endpoint, serverUrl))
    if (endpoints.length === 0) {
      const wanted = serverUrl === null ? `whose path is ${webhookPath}` : `for ${new URL(webhookPath, serverUrl).href}`
      return [
        error(
          `the account has no webhook endpoint ${wanted}, so payments are noticed late. Create it: ${setupCommand(serverUrl)}`,
        ),
      ]
    }
    return endpoints.flatMap((endpoint) => endpointResults(endpoint, endpoints, isLivemode(secretKey)))
  },
}
