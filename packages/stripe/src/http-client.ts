import Stripe from 'stripe'

/** One HTTP request to Stripe. Each retry is a separate call. */
export interface StripeCall {
  /** The method and the path without ids: "POST /v1/checkout/sessions/{id}/expire". */
  operation: string
  /** The HTTP status; null if no response arrived. */
  status: number | null
  /** Stripe's request id, which can be looked up in the dashboard or by Stripe's support. */
  requestId: string | null
  /** Milliseconds since the epoch. */
  startedAt: number
  /** The time until the response headers arrived or the call failed. */
  durationMs: number
}

/**
 * Replaces ids in a path and drops the query string. An id is a path segment with a prefix and a digit or a capital letter; collection
 * names contain neither.
 */
export const operationName = (method: string, path: string): string =>
  `${method} ${path.replace(/\?.*/, '').replace(/\/(?=[^/]*[0-9A-Z])[a-z]+_\w+/g, '/{id}')}`

const asText = (header: string | number | string[] | undefined): string | null => (header === undefined ? null : String(header))

type HttpClient = ReturnType<typeof Stripe.createNodeHttpClient>

/** stripe-node's own HTTP client, with a listener for every call. */
export const observedHttpClient = (onCall: (call: StripeCall) => void): HttpClient => {
  const inner = Stripe.createNodeHttpClient()
  return {
    getClientName: () => inner.getClientName(),
    makeRequest: async (host, port, path, method, ...rest) => {
      const startedAt = Date.now()
      const start = performance.now()
      const report = (status: number | null, requestId: string | null): void =>
        onCall({ operation: operationName(method, path), status, requestId, startedAt, durationMs: performance.now() - start })
      try {
        const response = await inner.makeRequest(host, port, path, method, ...rest)
        report(response.getStatusCode(), asText(response.getHeaders()['request-id']))
        return response
      } catch (error) {
        report(null, null)
        throw error
      }
    },
  }
}
