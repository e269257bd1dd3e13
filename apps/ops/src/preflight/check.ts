import type { StripeGateway } from '@pay-to-view/stripe'

export type Level = 'ok' | 'warning' | 'error'

/** One line of the report. */
export interface Result {
  level: Level
  /** The finding, and how to fix it. */
  detail: string
}

export interface Preflight {
  stripe: StripeGateway
  account: Awaited<ReturnType<StripeGateway['fetchAccount']>> | null
  secretKey: string
  /** The URL of a server that replaces Stripe's API, such as the emulator. */
  apiBase: string | undefined
  automaticTax: boolean
  createInvoices: boolean
  /** The public URL of the API server; null if it was not given. */
  serverUrl: string | null
  /** The catalog's lowest price in each currency, in minor units; null without a database. */
  prices: { currency: string; amount: number }[] | null
  /** Part of the idempotency keys. Differs between runs, so that Stripe does not replay a response from an earlier run. */
  run: string
}

/** A check of the Stripe account. It only reads, or leaves nothing permanent behind. */
export interface Check {
  name: string
  run: (preflight: Preflight) => Promise<Result[]>
}

export const ok = (detail: string): Result => ({ level: 'ok', detail })
export const warning = (detail: string): Result => ({ level: 'warning', detail })
export const error = (detail: string): Result => ({ level: 'error', detail })
