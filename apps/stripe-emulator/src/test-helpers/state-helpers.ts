import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Account } from '../account.ts'
import type { Faults } from '../faults/faults.ts'
import { bool, int, nullableText } from '../http/params.ts'
import { helperRoute, noParams, transact } from './helper-route.ts'

/** Registers the helpers that advance the clock, change the account's settings, and delete all data. */
export const registerStateHelpers = (app: FastifyInstance, account: Account, faults: Faults): void => {
  helperRoute(app, 'POST', '/clock/advance', z.strictObject({ seconds: int(0, 10 * 365 * 86_400) }), ({ seconds }, request) => {
    const offset = (account.store.clock.get('clock')?.offset ?? 0) + seconds * 1000
    transact(account, request, () => account.store.clock.put({ id: 'clock', offset }))
    account.scheduler.runDue()
    return { now: account.nowSeconds() }
  })
  helperRoute(app, 'POST', '/reset', noParams, () => {
    account.reset()
    return faults.clear()
  })
  registerSettings(app, account)
}

const profileParams = {
  business_name: nullableText().optional(),
  business_url: nullableText().optional(),
  support_email: nullableText().optional(),
  support_url: nullableText().optional(),
  statement_descriptor: nullableText(22).optional(),
}

const settingsParams = z.strictObject({
  ...profileParams,
  managed_payments: bool.optional(),
  embedded_checkout_delay_ms: int(0, 60_000).optional(),
  invoice_delay_seconds: int(0, 3_600).optional(),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .optional(),
  terms_url: nullableText().optional(),
  settlement_currency: nullableText(3).optional(),
})

/** Registers the helpers for the account's settings. An empty string unsets a setting. */
const registerSettings = (app: FastifyInstance, account: Account): void => {
  const settings = () => ({
    managed_payments: account.settings.managedPayments,
    embedded_checkout_delay_ms: account.settings.embeddedCheckoutDelayMs,
    invoice_delay_seconds: account.settings.invoiceDelaySeconds,
    country: account.settings.defaultCountry,
    terms_url: account.settings.termsUrl,
    settlement_currency: account.settings.settlementCurrency,
    ...account.settings.profile,
  })
  helperRoute(app, 'GET', '/settings', noParams, settings)
  helperRoute(app, 'POST', '/settings', settingsParams, (params) => {
    const { managed_payments, embedded_checkout_delay_ms, invoice_delay_seconds, ...others } = params
    const { country, terms_url, settlement_currency, ...profile } = others
    const changed = Object.fromEntries(Object.entries(profile).filter(([, value]) => value !== undefined))
    account.settings.profile = { ...account.settings.profile, ...changed }
    if (settlement_currency !== undefined) account.settings.settlementCurrency = settlement_currency?.toLowerCase() ?? null
    if (country !== undefined) account.settings.defaultCountry = country
    if (terms_url !== undefined) account.settings.termsUrl = terms_url
    if (managed_payments !== undefined) account.settings.managedPayments = managed_payments
    if (embedded_checkout_delay_ms !== undefined) account.settings.embeddedCheckoutDelayMs = embedded_checkout_delay_ms
    if (invoice_delay_seconds !== undefined) account.settings.invoiceDelaySeconds = invoice_delay_seconds
    return settings()
  })
}
