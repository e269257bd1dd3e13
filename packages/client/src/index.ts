import type { AppRouter } from '@pay-to-view/api'
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink, type TRPCClient } from '@trpc/client'
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import { EventSource, streamFetch } from './event-stream.ts'

export { problemOf } from './problem.ts'

export type PayToViewClient = TRPCClient<AppRouter>
export type Inputs = inferRouterInputs<AppRouter>
export type Outputs = inferRouterOutputs<AppRouter>

export interface ClientOptions {
  /** Address of the API server, such as `https://api.example.com`. */
  url: string
  /** A bearer token, or a function that gives one for each request; null for none. */
  token?: string | (() => string | null | Promise<string | null>)
}

/** The typed client. Types come from the server's procedures; no server code does. */
export const createPayToViewClient = ({ url: base, token }: ClientOptions): PayToViewClient => {
  const url = `${base.replace(/\/+$/, '')}/trpc`
  const headers = async (): Promise<Record<string, string>> => {
    const bearer = typeof token === 'function' ? await token() : token
    return bearer ? { authorization: `Bearer ${bearer}` } : {}
  }
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        // The browsers' own EventSource cannot send headers, and a token has no place in an address.
        true: httpSubscriptionLink({ url, EventSource, eventSourceOptions: { fetch: streamFetch(headers) } }),
        // Proxies refuse addresses of more than 8 kB; the longest call alone has 4.
        false: httpBatchLink({ url, headers, maxURLLength: 6_000 }),
      }),
    ],
  })
}
