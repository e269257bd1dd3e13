import { closeDb, createDb, lowestPrices } from '@pay-to-view/db'
import { countOf } from '@pay-to-view/purchase'
import {
  createGateway,
  createStripe,
  isInvalidKey,
  isStripeError,
  missingPermission,
  type StripeGateway,
} from '@pay-to-view/stripe'
import { environments, readEnvironment } from '../env.ts'
import { type Check, error, type Preflight, type Result, warning } from './check.ts'
import { currencies } from './currencies.ts'
import { key } from './key.ts'
import { managedPayments } from './managed-payments.ts'
import { permissionCheck } from './permissions.ts'
import { receipts } from './receipts.ts'
import { statementDescriptor } from './statement-descriptor.ts'
import { tax } from './tax.ts'
import { terms } from './terms.ts'
import { webhooks } from './webhooks.ts'

type PreflightEnvironment = ReturnType<typeof readEnvironment<typeof environments.preflight>>

const checks: readonly Check[] = [
  ...[key, permissionCheck, webhooks, managedPayments, currencies, tax, terms, receipts, statementDescriptor],
]

const readPrices = async (databaseUrl: string | undefined): Promise<Preflight['prices']> => {
  if (databaseUrl === undefined) return null
  const db = createDb(databaseUrl, { connections: 1 })
  try {
    return await lowestPrices(db)
  } finally {
    await closeDb(db)
  }
}

const fetchAccount = async (stripe: StripeGateway): Promise<Preflight['account']> => {
  try {
    return await stripe.fetchAccount()
  } catch (error) {
    if (missingPermission(error) === null) throw error
    return null
  }
}

/** Runs a check. If Stripe does not permit the check, or if the check fails, the report says so, and the other checks still run. */
const runCheck = async ({ run }: Check, preflight: Preflight): Promise<Result[]> => {
  try {
    return await run(preflight)
  } catch (cause) {
    const permission = missingPermission(cause)
    if (permission !== null)
      return [warning(`not checked: the key lacks ${permission}. Edit the key, or use a secret key for the preflight`)]
    if (!isStripeError(cause)) throw cause
    return [error(`not checked: ${cause instanceof Error ? cause.message : cause}. Run the preflight again`)]
  }
}

/** One line of the report. A check may produce several lines. */
export interface Line extends Result {
  name: string
}

/** Checks the Stripe account that a key belongs to, for a server with the options in `env`. */
export async function* checkAccount(env: PreflightEnvironment, serverUrl: string | null): AsyncGenerator<Line> {
  const [automaticTax, createInvoices] = [env.AUTOMATIC_TAX === 'on', env.INVOICES === 'on']
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_API_BASE: apiBase } = env
  const stripe = createGateway(createStripe({ secretKey, apiBase }))
  let account: Preflight['account']
  try {
    account = await fetchAccount(stripe)
  } catch (cause) {
    if (!isInvalidKey(cause)) throw cause
    const fix = "Copy the account's key: https://dashboard.stripe.com/apikeys"
    yield { name: key.name, ...error(`Stripe rejects STRIPE_SECRET_KEY. ${fix}`) }
    return
  }
  const prices = await readPrices(env.DATABASE_URL)
  const run = crypto.randomUUID()
  const preflight = { stripe, account, secretKey, apiBase, automaticTax, createInvoices, serverUrl, prices, run }
  for (const check of checks) for (const result of await runCheck(check, preflight)) yield { name: check.name, ...result }
}

/** Prints whether the Stripe account is ready for pay-to-view. Returns the exit code: 1 if there are errors. */
export const runPreflight = async (serverUrl: string | null): Promise<number> => {
  const counts = { ok: 0, warning: 0, error: 0 }
  for await (const { name, level, detail } of checkAccount(readEnvironment(environments.preflight), serverUrl)) {
    counts[level]++
    console.log(`${level.padEnd(7)}  ${name}  ${detail}`)
  }
  console.log(`${countOf(counts.error, 'error')}, ${countOf(counts.warning, 'warning')}.`)
  return counts.error > 0 ? 1 : 0
}
