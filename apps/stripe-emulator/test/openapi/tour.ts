import qs from 'qs'
import { routes } from '../../src/v1/routes.ts'

export interface Call {
  /** The method and path pattern, for example "POST /v1/refunds/:id". */
  route: string
  method: string
  path: string
  /** The URL and parameters as they were sent, for the comparison with stripe-mock. */
  url: string
  params: object
  status: number
  body: Record<string, unknown>
}

type Helper = (path: string, body?: object, method?: string) => Promise<{ body: Record<string, unknown> }>

const patterns = routes.map(({ method, path }) => ({
  method,
  path,
  pattern: new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`),
}))

const routeOf = (method: string, url: string) =>
  patterns.find((one) => one.method === method && one.path === url) ??
  patterns.find((one) => one.method === method && one.pattern.test(url))

/** Calls every endpoint, with every kind of payment, and returns the responses. */
export const tour = async (base: string, helper: Helper): Promise<Call[]> => {
  const calls: Call[] = []
  const call = async (method: string, url: string, params: object = {}) => {
    const text = qs.stringify(params)
    const response = await fetch(`${base}${url}${method === 'GET' && text ? `?${text}` : ''}`, {
      method,
      headers: { authorization: 'Bearer sk_test_1', 'content-type': 'application/x-www-form-urlencoded' },
      ...(method === 'POST' && { body: text }),
    })
    const body: Record<string, unknown> = JSON.parse(await response.text())
    const route = routeOf(method, url)
    calls.push({ route: `${method} ${route?.path}`, method, path: route?.path ?? '', url, params, status: response.status, body })
    return body
  }
  const api = {
    get: (url: string, params?: object) => call('GET', url, params),
    post: (url: string, params?: object) => call('POST', url, params),
    del: (url: string) => call('DELETE', url),
  }
  await catalog(api)
  await customers(api)
  await sessions(api, helper)
  await refundsAndDisputes(api, helper)
  await intents(api, helper)
  await money(api, helper)
  await rest(api)
  return calls
}

interface Api {
  get(url: string, params?: object): Promise<Record<string, unknown>>
  post(url: string, params?: object): Promise<Record<string, unknown>>
  del(url: string): Promise<Record<string, unknown>>
}

const film = {
  quantity: 1,
  price_data: { currency: 'usd', unit_amount: 499, product_data: { name: 'Nosferatu', tax_code: 'txcd_10402000' } },
}
const never = { mode: 'payment', ui_mode: 'embedded_page', redirect_on_completion: 'never', line_items: [film] }

const catalog = async ({ get, post, del }: Api) => {
  const product = await post('/v1/products', {
    name: 'Nosferatu',
    description: 'A film',
    metadata: { a: 1 },
    images: ['https://a.example/1.png'],
  })
  const price = await post('/v1/prices', { product: product.id, currency: 'usd', unit_amount: 499, nickname: 'Rent' })
  await post(`/v1/products/${product.id}`, { name: 'Nosferatu (1922)', default_price: price.id })
  await get(`/v1/products/${product.id}`, { expand: ['default_price'] })
  await get('/v1/products', { active: true })
  await post(`/v1/prices/${price.id}`, { active: false })
  await get(`/v1/prices/${price.id}`, { expand: ['product'] })
  await get('/v1/prices', { product: product.id })
  await del(`/v1/products/${product.id}`)
  const unsold = await post('/v1/products', { name: 'Unsold' })
  await del(`/v1/products/${unsold.id}`)
  const coupon = await post('/v1/coupons', { percent_off: 12.5, applies_to: { products: [product.id] }, expand: ['applies_to'] })
  await post('/v1/coupons', { id: 'FIVE', amount_off: 500, currency: 'usd', max_redemptions: 2, name: 'Five off' })
  await post('/v1/coupons/FIVE', { metadata: { a: '1' } })
  await get('/v1/coupons/FIVE')
  await get('/v1/coupons')
  const code = await post('/v1/promotion_codes', {
    promotion: { type: 'coupon', coupon: coupon.id },
    code: 'SUMMER',
    restrictions: { minimum_amount: 100, minimum_amount_currency: 'usd' },
  })
  await post(`/v1/promotion_codes/${code.id}`, { active: false })
  await get(`/v1/promotion_codes/${code.id}`, { expand: ['promotion.coupon'] })
  await get('/v1/promotion_codes', { code: 'summer' })
  await del('/v1/coupons/FIVE')
}

const customers = async ({ get, post, del }: Api) => {
  const { id } = await post('/v1/customers', { email: 'alice@example.com', name: 'Alice', metadata: { userId: 'u1' } })
  await post(`/v1/customers/${id}`, { description: 'A viewer', phone: '+15551234' })
  await get(`/v1/customers/${id}`)
  await get('/v1/customers', { email: 'alice@example.com' })
  await get('/v1/customers/search', { query: 'email:"alice@example.com"' })
  await del(`/v1/customers/${id}`)
  await get(`/v1/customers/${id}`)
  await get('/v1/customers/cus_unknown')
}

const sessions = async ({ get, post }: Api, helper: Helper) => {
  const embedded = await post('/v1/checkout/sessions', { ...never, metadata: { a: '1' }, customer_creation: 'always' })
  await post(`/v1/checkout/sessions/${embedded.id}`, { metadata: { b: '2' } })
  await helper(`/checkout/sessions/${embedded.id}/pay`, { card: '4000000000000002' })
  await helper(`/checkout/sessions/${embedded.id}/pay`, { email: 'alice@example.com', name: 'Alice' })
  await get(`/v1/checkout/sessions/${embedded.id}`, {
    expand: ['payment_intent.latest_charge.balance_transaction', 'customer', 'line_items'],
  })
  await get(`/v1/checkout/sessions/${embedded.id}/line_items`, { limit: 1, expand: ['data.price.product'] })
  await post(`/v1/checkout/sessions/${embedded.id}/expire`)
  const hosted = await post('/v1/checkout/sessions', {
    mode: 'payment',
    success_url: 'https://shop.example/done',
    line_items: [film],
    managed_payments: { enabled: true },
    payment_intent_data: { description: 'Nosferatu', shipping: { name: 'Alice', address: { line1: '1 Main Street' } } },
  })
  await helper(`/checkout/sessions/${hosted.id}/pay`, { method: 'amazon_pay' })
  const redirected = await get(`/v1/checkout/sessions/${hosted.id}`, { expand: ['payment_intent.payment_method'] })
  await helper(`/payment_intents/${idOf(redirected.payment_intent)}/authenticate`)
  await get(`/v1/checkout/sessions/${hosted.id}`, { expand: ['payment_intent.latest_charge'] })
  const page = await post('/v1/checkout/sessions', never)
  const method = await post('/v1/payment_methods', { type: 'card', card: { token: 'tok_visa' } })
  await get(`/v1/payment_pages/${page.id}`)
  await post(`/v1/payment_pages/${page.id}/confirm`, { payment_method: method.id, expected_amount: 499 })
  const expired = await post('/v1/checkout/sessions', never)
  await helper(`/checkout/sessions/${expired.id}/pay`, { card: '4000002760003184' })
  await post(`/v1/checkout/sessions/${expired.id}/expire`)
  await get('/v1/checkout/sessions', { limit: 10, expand: ['data.payment_intent'] })
}

const idOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : String(value)

/** Pays a session and returns its payment intent. */
const paySession = async ({ get, post }: Api, helper: Helper, currency: string, input: object): Promise<string> => {
  const price_data = { ...film.price_data, currency }
  const { id } = await post('/v1/checkout/sessions', { ...never, line_items: [{ quantity: 1, price_data }] })
  await helper(`/checkout/sessions/${id}/pay`, input)
  return idOf((await get(`/v1/checkout/sessions/${id}`)).payment_intent)
}

const refundsAndDisputes = async (api: Api, helper: Helper) => {
  const { get, post } = api
  for (const [currency, method] of [
    ['usd', 'us_bank_account'],
    ['eur', 'sepa_debit'],
  ] as const) {
    const intent = await paySession(api, helper, currency, { method })
    await helper(`/payment_intents/${intent}/settle`)
    await get(`/v1/payment_intents/${intent}`, { expand: ['latest_charge', 'payment_method'] })
    await post('/v1/refunds', { payment_intent: intent })
  }
  const failing = await paySession(api, helper, 'usd', { method: 'us_bank_account' })
  await helper(`/payment_intents/${failing}/settle`, { outcome: 'failed' })
  const card = await paySession(api, helper, 'usd', { card: '4000000000007726' })
  const refund = await post('/v1/refunds', {
    payment_intent: card,
    amount: 100,
    reason: 'requested_by_customer',
    metadata: { a: '1' },
  })
  await post('/v1/refunds', { payment_intent: card, amount: 9999 })
  await helper(`/refunds/${refund.id}/require_action`)
  await post(`/v1/refunds/${refund.id}`, { metadata: { b: '2' } })
  await post(`/v1/refunds/${refund.id}/cancel`)
  await get(`/v1/refunds/${refund.id}`, { expand: ['charge', 'failure_balance_transaction'] })
  await get('/v1/refunds', { payment_intent: card })
  const { data } = await get('/v1/charges', { payment_intent: card })
  const charge = idOf(Array.isArray(data) ? data[0] : undefined)
  await post(`/v1/charges/${charge}`, { metadata: { a: '1' } })
  await get(`/v1/charges/${charge}`, { expand: ['refunds', 'payment_intent', 'balance_transaction'] })
  for (const number of ['4000000000000259', '4000000000001976', '4000000000005423', '4000008400000779'])
    await paySession(api, helper, 'usd', { card: number })
  const disputes = await get('/v1/disputes')
  const ids = Array.isArray(disputes.data) ? disputes.data.map(idOf) : []
  await post(`/v1/disputes/${ids[0]}`, { evidence: { uncategorized_text: 'winning_evidence' }, metadata: { a: '1' } })
  await get(`/v1/disputes/${ids[0]}`, { expand: ['charge', 'payment_intent'] })
  await post(`/v1/disputes/${ids[1]}/close`)
  const transactions = await get('/v1/balance_transactions', { limit: 100, expand: ['data.source'] })
  const [transaction] = Array.isArray(transactions.data) ? transactions.data : []
  await get(`/v1/balance_transactions/${idOf(transaction)}`)
}

const intents = async ({ get, post }: Api, helper: Helper) => {
  const intent = await post('/v1/payment_intents', { amount: 499, currency: 'eur', description: 'Nosferatu' })
  await post(`/v1/payment_intents/${intent.id}`, { metadata: { a: '1' } })
  const method = await post('/v1/payment_methods', { type: 'ideal', billing_details: { email: 'alice@example.com' } })
  await get(`/v1/payment_methods/${method.id}`)
  await post(`/v1/payment_intents/${intent.id}/confirm`, { payment_method: method.id, return_url: 'https://shop.example/' })
  await helper(`/payment_intents/${intent.id}/authenticate`)
  await get(`/v1/payment_intents/${intent.id}`, { expand: ['latest_charge'] })
  const confirmed = { amount: 499, currency: 'usd', confirm: true, allowed_payment_method_types: ['card'] }
  await post('/v1/payment_intents', { ...confirmed, payment_method: 'pm_card_visa' })
  await post('/v1/payment_intents', { ...confirmed, payment_method: 'pm_card_visa_chargeDeclined' })
  await post('/v1/payment_intents', { ...confirmed, payment_method: 'pm_card_authenticationRequired' })
  const canceled = await post('/v1/payment_intents', { amount: 499, currency: 'usd' })
  await post(`/v1/payment_intents/${canceled.id}/cancel`, { cancellation_reason: 'abandoned' })
  await get('/v1/payment_intents')
}

/** Calls the endpoints for discounts, tax and invoices. */
const money = async (api: Api, helper: Helper) => {
  const { get, post } = api
  await get('/v1/tax/settings')
  await post('/v1/checkout/sessions', { ...never, automatic_tax: { enabled: true } })
  await post('/v1/tax/settings', { defaults: { tax_behavior: 'inclusive' }, head_office: { address: { country: 'DE' } } })
  const registration = await post('/v1/tax/registrations', {
    country: 'FR',
    active_from: 'now',
    country_options: { fr: { type: 'oss_union' } },
  })
  await get(`/v1/tax/registrations/${registration.id}`)
  await post(`/v1/tax/registrations/${registration.id}`, { active_from: 'now' })
  await get('/v1/tax/registrations', { status: 'active' })
  await get('/v1/tax_codes', { limit: 2 })
  await get('/v1/tax_codes/txcd_10402000')
  const customer = await post('/v1/customers', { address: { country: 'FR', line1: '1 rue' }, tax_exempt: 'none' })
  const half = await post('/v1/coupons', { percent_off: 50 })
  const taxed = await post('/v1/checkout/sessions', {
    ...never,
    line_items: [{ quantity: 1, price_data: { ...film.price_data, currency: 'eur', tax_behavior: 'exclusive' } }],
    customer: customer.id,
    customer_update: { address: 'auto', name: 'auto' },
    automatic_tax: { enabled: true },
    tax_id_collection: { enabled: true },
    discounts: [{ coupon: half.id }],
    invoice_creation: {
      enabled: true,
      invoice_data: {
        metadata: { a: '1' },
        custom_fields: [{ name: 'Order', value: '7' }],
        footer: 'Thank you',
        description: 'A film',
        rendering_options: { amount_tax_display: 'include_inclusive_tax' },
      },
    },
  })
  await helper(`/checkout/sessions/${taxed.id}/pay`, { taxId: 'FR12345678901', name: 'Alice', email: 'alice@example.com' })
  const paid = await get(`/v1/checkout/sessions/${taxed.id}`, {
    expand: ['total_details.breakdown', 'discounts.coupon', 'invoice', 'line_items.data.taxes', 'line_items.data.discounts'],
  })
  const invoice = idOf(paid.invoice)
  await get(`/v1/invoices/${invoice}`, { expand: ['payments', 'customer'] })
  await get(`/v1/invoices/${invoice}/lines`)
  await get('/v1/invoices', { status: 'paid' })
  await get('/v1/invoice_payments', { invoice })
  await get('/v1/balance')
  await helper('/payouts', { includesPending: true })
  const payouts = await get('/v1/payouts', { limit: 100, status: 'paid', expand: ['data.balance_transaction'] })
  const [payout] = Array.isArray(payouts.data) ? payouts.data : []
  await get(`/v1/payouts/${idOf(payout)}`)
  await get('/v1/balance_transactions', { payout: idOf(payout) })
}

const rest = async ({ get, post, del }: Api) => {
  const endpoint = await post('/v1/webhook_endpoints', {
    url: 'https://shop.example/webhook',
    enabled_events: ['charge.succeeded'],
  })
  await post(`/v1/webhook_endpoints/${endpoint.id}`, { disabled: true, description: 'Old' })
  await get(`/v1/webhook_endpoints/${endpoint.id}`)
  await get('/v1/webhook_endpoints')
  await del(`/v1/webhook_endpoints/${endpoint.id}`)
  const events = await get('/v1/events', { limit: 100 })
  const [event] = Array.isArray(events.data) ? events.data : []
  await get(`/v1/events/${idOf(event)}`)
  await post(`/v1/events/${idOf(event)}/retry`)
  await get('/v1/account')
}
