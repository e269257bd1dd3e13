import type { Account } from '../account.ts'
import { invalidParam, resourceMissing } from '../http/errors.ts'
import { applyMetadata, fullShipping } from '../http/params.ts'
import { newId, sessionSecret } from '../ids.ts'
import type { LineItem, Session } from '../store/objects.ts'
import { blankSession } from './blank-objects.ts'
import { methodTypesFor } from './method-types.ts'
import { minimumChargeAmount } from './money.ts'
import { createPrice, createProduct, getPrice, getProduct } from './prices.ts'
import type { SessionParams } from './session-params.ts'

const HOUR_SECONDS = 3600

export const createSession = (account: Account, params: SessionParams): Session => {
  validateMode(params)
  validateUrls(params)
  const expires_at = validExpiry(params.expires_at, account.nowSeconds())
  if (params.customer && params.customer_email) throw exclusiveParams('customer', 'customer_email')
  if (params.customer && !account.store.customers.get(params.customer))
    throw resourceMissing('customer', params.customer, 'customer', 400)
  const lines = (params.line_items ?? []).map((line, i) => newLine(account, line, `line_items[${i}]`))
  const currency = lines[0]?.currency ?? 'usd'
  if (lines.some((line) => line.currency !== currency))
    throw invalidParam('You cannot combine currencies on a single Checkout Session.', { param: 'line_items' })
  const amount_total = lines.reduce((sum, line) => sum + line.amount_total, 0)
  validateAmount(amount_total, currency)
  const {
    ui_mode,
    mode,
    customer_email = null,
    customer = null,
    client_reference_id = null,
    locale = null,
    cancel_url = null,
    success_url = null,
  } = params
  const id = newId('session')
  const isEmbedded = ui_mode !== 'hosted_page'
  const session = account.store.sessions.put(
    blankSession({
      id,
      created: account.nowSeconds(),
      expires_at,
      mode,
      ui_mode,
      currency,
      amount_total,
      // A session that never redirects cannot offer payment methods that do.
      payment_method_types: methodTypesFor(currency, { redirects: params.redirect_on_completion !== 'never' }),
      adaptive_pricing: { enabled: params.adaptive_pricing?.enabled ?? true },
      allow_promotion_codes: params.allow_promotion_codes ?? null,
      billing_address_collection: params.billing_address_collection ?? null,
      cancel_url,
      client_reference_id,
      client_secret: isEmbedded ? `${id}_secret_${sessionSecret()}` : null,
      customer,
      customer_creation: customer ? null : (params.customer_creation ?? 'if_required'),
      customer_email,
      locale,
      metadata: applyMetadata({}, params.metadata),
      submit_type: params.submit_type ?? null,
      success_url,
      url: isEmbedded ? null : `${account.settings.url}/c/pay/${id}`,
      ...(isEmbedded && { redirect_on_completion: params.redirect_on_completion ?? 'always' }),
      ...(params.return_url && { return_url: params.return_url }),
    }),
  )
  const { metadata, description = null, receipt_email = null, shipping } = params.payment_intent_data ?? {}
  account.store.sessionDetails.put({
    id,
    line_items: lines,
    payment_intent_data: {
      metadata: applyMetadata({}, metadata),
      description,
      receipt_email,
      shipping: shipping ? fullShipping(shipping) : null,
    },
  })
  account.scheduleTask('session.expire', id, expires_at - account.nowSeconds())
  return session
}

const exclusiveParams = (a: string, b: string) =>
  invalidParam(`You may only specify one of these parameters: ${a}, ${b}.`, { code: 'parameters_exclusive', param: a })

const validateMode = ({ mode, line_items, automatic_tax }: SessionParams): void => {
  if (mode !== 'payment')
    throw invalidParam(`The Stripe emulator supports only sessions in \`payment\` mode, not \`${mode}\`.`, { param: 'mode' })
  if (automatic_tax?.enabled) throw invalidParam('The Stripe emulator does not calculate taxes.', { param: 'automatic_tax' })
  if (!line_items?.length)
    throw invalidParam('Missing required param: line_items.', { code: 'parameter_missing', param: 'line_items' })
}

/** The rules for return_url, redirect_on_completion and success_url in Stripe's API reference, "Create a Checkout Session". */
const validateUrls = ({ ui_mode, success_url, cancel_url, return_url, redirect_on_completion }: SessionParams): void => {
  if (ui_mode === 'hosted_page') {
    if (!success_url)
      throw invalidParam('Missing required param: success_url.', { code: 'parameter_missing', param: 'success_url' })
    if (return_url) throw onlyFor('return_url', 'embedded_page')
    if (redirect_on_completion) throw onlyFor('redirect_on_completion', 'embedded_page')
    return
  }
  if (success_url) throw onlyFor('success_url', 'hosted_page')
  if (cancel_url) throw onlyFor('cancel_url', 'hosted_page')
  if (redirect_on_completion === 'never' && return_url)
    throw invalidParam('`return_url` cannot be set when `redirect_on_completion` is `never`.', { param: 'return_url' })
  if (redirect_on_completion !== 'never' && !return_url)
    throw invalidParam('Missing required param: return_url.', { code: 'parameter_missing', param: 'return_url' })
}

const onlyFor = (param: string, mode: string) =>
  invalidParam(`\`${param}\` can only be used when \`ui_mode\` is \`${mode}\`.`, { param })

const validExpiry = (expiresAt: number | undefined, now: number): number => {
  if (expiresAt === undefined) return now + 24 * HOUR_SECONDS
  if (expiresAt < now + HOUR_SECONDS / 2)
    throw invalidParam('The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.', {
      param: 'expires_at',
    })
  if (expiresAt > now + 24 * HOUR_SECONDS)
    throw invalidParam('The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.', {
      param: 'expires_at',
    })
  return expiresAt
}

const validateAmount = (total: number, currency: string): void => {
  const minimum = minimumChargeAmount(currency)
  if (total > 0 && total < minimum)
    throw invalidParam(
      `The Checkout Session's total amount due must add up to at least ${minimum} in the smallest unit of ${currency}. See https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts.`,
      { code: 'amount_too_small', param: 'line_items' },
    )
  if (total > 99_999_999)
    throw invalidParam('The total amount must be no more than 99999999.', { code: 'amount_too_large', param: 'line_items' })
}

const newLine = (
  account: Account,
  { price: priceId, price_data: data, quantity, metadata }: NonNullable<SessionParams['line_items']>[number],
  param: string,
): LineItem => {
  if (priceId && data) throw exclusiveParams(`${param}[price]`, `${param}[price_data]`)
  if (quantity === undefined)
    throw invalidParam(`Missing required param: ${param}[quantity].`, { code: 'parameter_missing', param: `${param}[quantity]` })
  const price = priceId ? getPrice(account, priceId, `${param}[price]`) : data && createInlinePrice(account, data, param)
  if (!price)
    throw invalidParam(`Missing required param: ${param}[price].`, { code: 'parameter_missing', param: `${param}[price]` })
  const amount = (price.unit_amount ?? 0) * quantity
  return {
    id: newId('item'),
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency: price.currency,
    description: getProduct(account, String(price.product)).name,
    metadata: applyMetadata({}, metadata),
    price,
    quantity,
  }
}

type PriceData = NonNullable<NonNullable<SessionParams['line_items']>[number]['price_data']>

const createInlinePrice = (account: Account, { product, product_data, ...data }: PriceData, param: string) => {
  if (product && product_data) throw exclusiveParams(`${param}[price_data][product]`, `${param}[price_data][product_data]`)
  if (product) return createPrice(account, { ...data, product: getProduct(account, product).id, active: false })
  if (!product_data)
    throw invalidParam(`Missing required param: ${param}[price_data][product].`, {
      code: 'parameter_missing',
      param: `${param}[price_data][product]`,
    })
  const { metadata, tax_code: _, ...fields } = product_data
  return createPrice(account, {
    ...data,
    product: createProduct(account, { ...fields, active: false, metadata: applyMetadata({}, metadata) }).id,
    active: false,
  })
}
