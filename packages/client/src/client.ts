import type { AppRouter } from '@pay-to-view/api'
import { createTRPCClient, httpBatchLink, httpLink, httpSubscriptionLink, splitLink, type TRPCClient } from '@trpc/client'
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import { EventSource, streamFetch } from './event-stream.ts'

export type PayToViewClient = TRPCClient<AppRouter>
export type Inputs = inferRouterInputs<AppRouter>
export type Outputs = inferRouterOutputs<AppRouter>

export interface ClientOptions {
  /** The base URL of the API server, such as `https://api.example.com`. */
  url: string
  /** A bearer token, or a function that returns a token for each request. If it returns null, the request is sent without a token. */
  token?: string | (() => string | null | Promise<string | null>)
}

/** Whether a query's input must be sent in the body. Proxies reject URLs longer than 8 kB, and 100 ids of 128 characters take 14 kB. */
const isLong = (input: unknown): boolean => encodeURIComponent(JSON.stringify(input) ?? '').length > 5_000

/** Creates the typed client. The client imports the server's types, but none of its code. */
export const createPayToViewClient = ({ url: baseUrl, token }: ClientOptions): PayToViewClient => {
  const url = `${baseUrl.replace(/\/+$/, '')}/trpc`
  const headers = async (): Promise<Record<string, string>> => {
    const bearer = typeof token === 'function' ? await token() : token
    return bearer ? { authorization: `Bearer ${bearer}` } : {}
  }
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        // The browser's built-in EventSource cannot send headers, and a token must not appear in a URL.
        true: httpSubscriptionLink({ url, EventSource, eventSourceOptions: { fetch: streamFetch(headers) } }),
        false: splitLink({
          condition: ({ type, input }) => type === 'query' && isLong(input),
          true: httpLink({ url, headers, methodOverride: 'POST' }),
          false: splitLink({
            condition: ({ context }) => context.keepalive === true,
            // Not batched: a batch waits for other calls, but a page that is closing runs no more code.
            true: httpLink({ url, headers, fetch: (input, init) => fetch(input, { ...init, keepalive: true }) }),
            false: httpBatchLink({ url, headers, maxURLLength: 6_000 }),
          }),
        }),
      }),
    ],
  })
}
