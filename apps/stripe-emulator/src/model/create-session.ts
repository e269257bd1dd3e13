import type { Account } from '../account.ts'
import { invalidParam } from '../http/errors.ts'
import { applyMetadata, fullShipping } from '../http/params.ts'
import { newId, sessionSecret } from '../ids.ts'
import type { LineItem, Session, SessionDetails } from '../store/objects.ts'
import { blankSession } from './blank-objects.ts'
import { discountOf } from './discounts.ts'
import { managedPaymentsOf } from './managed-payments.ts'
import { offeredMethodTypes } from './offered-methods.ts'
import { assertTaxCode, createPrice, createProduct, getPrice, getProduct } from './prices.ts'
import type { SessionParams } from './session-params.ts'
import {
  exclusiveParams,
  sessionCurrency,
  validateAmount,
  validateConsent,
  validateCustomer,
  validateMode,
  validateTax,
  validateUrls,
  validExpiry,
} from './session-rules.ts'
import { recalculate } from './totals.ts'

export const createSession = (account: Account, params: SessionParams): Session => {
  validateMode(params)
  validateUrls(params)
  const expires_at = validExpiry(params.expires_at, account.nowSeconds())
  validateCustomer(account, params)
  validateTax(account, params)
  validateConsent(account, params)
  const lines = (params.line_items ?? []).map((line, i) => newLine(account, line, `line_items[${i}]`))
  const managedPayments = managedPaymentsOf(account, params, lines)
  const currency = sessionCurrency(lines, params.currency)
  const discount = discountOf(account, params, { customer: params.customer ?? null, currency, lines })
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
      amount_total: 0,
      ...managedPayments,
      allowed_payment_method_types: params.allowed_payment_method_types ?? null,
      payment_method_types: offeredMethodTypes({
        currency,
        // A session that never redirects cannot offer payment methods that redirect.
        redirects: params.redirect_on_completion !== 'never',
        allowed: params.allowed_payment_method_types,
        exactly: params.payment_method_types,
      }),
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
      ...optionalFeatures(params),
    }),
  )
  account.store.sessionDetails.put(detailsOf(account, params, { id, line_items: lines, discount }))
  account.scheduleTask('session.expire', id, expires_at - account.nowSeconds())
  const calculated = recalculate(account, session)
  validateAmount(calculated.amount_total ?? 0, currency)
  return calculated
}

const detailsOf = (
  account: Account,
  { payment_intent_data = {}, customer, customer_update, automatic_tax }: SessionParams,
  fields: Pick<SessionDetails, 'id' | 'line_items' | 'discount'>,
): SessionDetails => {
  const { metadata, shipping, description = null, receipt_email = null, ...descriptors } = payment_intent_data
  const country = customer ? account.store.customers.get(customer)?.address?.country : null
  return {
    ...fields,
    // If the customer's address is known, the tax is shown immediately.
    ...(automatic_tax?.enabled && country && { location: { country, tax_id: null } }),
    ...(customer_update && { customer_update }),
    payment_intent_data: {
      metadata: applyMetadata({}, metadata),
      description,
      receipt_email,
      shipping: shipping ? fullShipping(shipping) : null,
      ...descriptors,
    },
  }
}

/** Fields that the session has only if they were requested. */
const optionalFeatures = (params: SessionParams): Partial<Session> => {
  const { consent_collection, custom_text, tax_id_collection, invoice_creation } = params
  const { metadata, custom_fields, description, footer, rendering_options } = invoice_creation?.invoice_data ?? {}
  const { after_submit = null, shipping_address = null, submit = null, terms_of_service_acceptance = null } = custom_text ?? {}
  return {
    ...(consent_collection && {
      consent_collection: {
        payment_method_reuse_agreement: null,
        promotions: 'none',
        terms_of_service: consent_collection.terms_of_service ?? 'none',
      },
    }),
    custom_text: { after_submit, shipping_address, submit, terms_of_service_acceptance },
    ...(tax_id_collection && {
      tax_id_collection: { enabled: tax_id_collection.enabled, required: tax_id_collection.required ?? 'never' },
    }),
    ...(invoice_creation && {
      invoice_creation: {
        enabled: invoice_creation.enabled,
        invoice_data: {
          account_tax_ids: null,
          custom_fields: custom_fields ?? null,
          description: description ?? null,
          footer: footer ?? null,
          issuer: null,
          metadata: applyMetadata({}, metadata),
          rendering_options: rendering_options
            ? { amount_tax_display: rendering_options.amount_tax_display ?? null, template: null }
            : null,
        },
      },
    }),
  }
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
  const { metadata, ...fields } = product_data
  assertTaxCode(fields.tax_code, `${param}[price_data][product_data][tax_code]`)
  return createPrice(account, {
    ...data,
    product: createProduct(account, { ...fields, active: false, metadata: applyMetadata({}, metadata) }).id,
    active: false,
  })
}
