import type { AppRouter } from '@pay-to-view/api'
import { createTRPCClient, httpBatchLink, type TRPCClient } from '@trpc/client'
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'

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
export const createPayToViewClient = ({ url, token }: ClientOptions): PayToViewClient =>
  createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({
        url: `${url.replace(/\/+$/, '')}/trpc`,
        headers: async () => {
          const bearer = typeof token === 'function' ? await token() : token
          return bearer ? { authorization: `Bearer ${bearer}` } : {}
        },
      }),
    ],
  })
