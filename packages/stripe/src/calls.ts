import Stripe from 'stripe'

/** One request to Stripe and its answer. A repeated try is a call of its own. */
export interface StripeCall {
  /** The method and the path without ids: "POST /v1/checkout/sessions/{id}/expire". */
  operation: string
  /** The answer's HTTP status; null when none came. */
  status: number | null
  /** Stripe's own id of the request, by which its dashboard and its support find it. */
  requestId: string | null
  /** Milliseconds since the epoch. */
  startedAt: number
  /** Milliseconds until the head of the answer was there, or until it was given up. */
  duration: number
}

/** A segment with a prefix and a digit or a capital is an id; the names of collections have neither. The query says nothing that counts. */
export const operationOf = (method: string, path: string): string =>
  `${method} ${path.replace(/\?.*/, '').replace(/\/(?=[^/]*[0-9A-Z])[a-z]+_\w+/g, '/{id}')}`

const header = (value: string | number | string[] | undefined): string | null => (value === undefined ? null : String(value))

type HttpClient = ReturnType<typeof Stripe.createNodeHttpClient>

/** Sends as stripe-node does, and tells of every call. */
export const observedHttpClient = (onCall: (call: StripeCall) => void): HttpClient => {
  const inner = Stripe.createNodeHttpClient()
  return {
    getClientName: () => inner.getClientName(),
    makeRequest: async (host, port, path, method, ...rest) => {
      const startedAt = Date.now()
      const began = performance.now()
      const tell = (status: number | null, requestId: string | null): void =>
        onCall({ operation: operationOf(method, path), status, requestId, startedAt, duration: performance.now() - began })
      try {
        const answer = await inner.makeRequest(host, port, path, method, ...rest)
        tell(answer.getStatusCode(), header(answer.getHeaders()['request-id']))
        return answer
      } catch (error) {
        tell(null, null)
        throw error
      }
    },
  }
}
