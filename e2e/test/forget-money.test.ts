import { addOffers, closeDb, createDb, putProduct } from '@pay-to-view/db'
import { repositoryRoot } from '@pay-to-view/devstack'
import { waitFor } from '@pay-to-view/devstack/wait'
import { programOf } from '@pay-to-view/testing/built'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { execa } from 'execa'
import { beforeAll, expect, test } from 'vitest'

// Tests which data `npm run forget` removes and which data it keeps, for purchases with tax, purchases with invoices, and a free
// order. Also tests a checkout with tax that Stripe rejects.
const stack = useStack({ environment: { AUTOMATIC_TAX: 'on', COLLECT_TAX_IDS: 'on', INVOICES: 'on' } })

const [productId, channelProductId] = ['taxed-film', 'free-channel']

beforeAll(async () => {
  const { stack: services, emulator } = stack()
  const db = createDb(services.databaseUrl)
  const product = {
    name: 'Taxed',
    accessDurationDays: null,
    allowPromotionCodes: true,
    prices: [{ currency: 'usd', amount: 1_000 }],
  }
  await putProduct(db, { ...product, id: productId, taxBehavior: 'exclusive' }, 'test')
  await addOffers(db, productId, [seedIds.film], 'test')
  await putProduct(db, { ...product, id: channelProductId, taxBehavior: 'inclusive' }, 'test')
  await addOffers(db, channelProductId, [seedIds.channel], 'test')
  await closeDb(db)
  expect(await emulator('promotion_codes', { code: 'FREE', percent_off: '100' })).toBe(200)
})

const newClient = (user: string, email?: string) => stack().client(user, { ...(email && { email }) })

type Client = Awaited<ReturnType<typeof newClient>>

const create = (client: Client, payToViewProductId: string, entityId: string, promotionCode?: string) =>
  client.purchases.create.mutate({
    ...{ payToViewProductId, entityId, returnUrl: 'https://yoursite.com/' },
    ...(promotionCode && { promotionCode }),
  })

const buy = async (client: Client, ...args: [string, string, string?]) => {
  const created = await create(client, ...args)
  if (!created.success) throw new Error(`create returned no checkout: ${JSON.stringify(created)}`)
  const { purchaseId } = created
  const sessionId = created.clientSecret.split('_secret_')[0] ?? ''
  const buyer = { country: 'DE', email: 'typed@example.com', taxId: 'DE123456789' }
  expect(await stack().pay(sessionId, buyer)).toBe(200)
  await stack().waitForStatus(client, purchaseId, 'Completed')
  const { invoiceUrl } = await waitFor(
    'the invoice',
    async () => {
      const found = await client.purchases.get.query({ id: purchaseId })
      return found.invoiceUrl === null ? null : found
    },
    { timeoutMs: 30_000 },
  )
  return { purchaseId, sessionId, invoiceUrl: String(invoiceUrl) }
}

test("without a tax origin in the account, the operator gets Stripe's explanation, and the user gets a neutral message", async () => {
  const client = await newClient('early')
  const rejection = await create(client, productId, seedIds.film).then(
    () => null,
    (error: unknown) => error,
  )
  expect(rejection).toMatchObject({ data: { problem: { status: 409, code: 'checkout_refused' } } })
  expect(JSON.stringify(rejection)).not.toMatch(
    /head office address to enable|dashboard\.stripe\.com|automatic_tax|tax origin|minimum|alert/,
  )
  const admin = await stack().client('root', { admin: true })
  const { items } = await admin.admin.alerts.list.query({ kind: 'checkout_refused' })
  expect(items).toMatchObject([
    { detail: { productId, param: 'automatic_tax', message: expect.stringContaining('head office address') } },
  ])
  expect(JSON.stringify(items)).not.toMatch(/sk_test|_secret_/)
  expect(await client.access.check.query({ entityId: seedIds.film })).toMatchObject({ hasAccess: false })
  // After the head office address has been entered in Stripe, the same user can buy.
  expect(await stack().emulator('tax', { registrations: ['DE'] })).toBe(200)
  expect(await create(client, productId, seedIds.film)).toMatchObject({ success: true })
})

test('forget removes the hash of the e-mail address, the invoice links, and the customer with its tax ids, but keeps the invoice number, country and amounts', async () => {
  const { stack: services, query, stripe, waitForStatus } = stack()
  expect(await stack().emulator('tax', { registrations: ['DE'] })).toBe(200)
  const client = await newClient('hanna', 'hanna@example.com')
  const taxed = await buy(client, productId, seedIds.film)
  const free = await buy(client, channelProductId, seedIds.channel, 'FREE')
  const ids = [taxed.purchaseId, free.purchaseId]
  const [customer] = await query('select stripe_customer_id as id, email_hash as hash from customers where user_id = $1', [
    'hanna',
  ])
  expect(customer).toMatchObject({ hash: expect.stringMatching(/^\S{20,}$/) })
  const customerId = String(customer?.id)
  expect(await stripe.customers.retrieve(customerId)).toMatchObject({ email: 'hanna@example.com' })
  expect((await stripe.checkout.sessions.retrieve(taxed.sessionId)).customer_details?.tax_ids).toMatchObject([
    { value: 'DE123456789' },
  ])
  const invoiceOf = async (sessionId: string) => {
    const { invoice } = await stripe.checkout.sessions.retrieve(sessionId, { expand: ['invoice'] })
    if (invoice === null || typeof invoice === 'string') throw new Error(`${sessionId} has no invoice`)
    return invoice
  }
  const kept = () =>
    query(
      `select id, status, amount_paid, amount_subtotal, amount_discount, amount_tax, country, invoice_number, promotion_code, tax_behavior
       from purchases where id = any($1) order by id`,
      [ids],
    )
  const before = await kept()
  expect(before).toContainEqual(
    expect.objectContaining({ ...{ amount_paid: 1_190, amount_tax: 190, country: 'DE' }, invoice_number: expect.any(String) }),
  )
  const unapplied = () => query("select 1 from stripe_events where applied_at is null and outcome in ('received', 'matched')")
  await waitFor('all events to be applied', async () => (await unapplied()).length === 0, { timeoutMs: 20_000 })

  const ops = (...args: string[]) => {
    const env = {
      ...{ PATH: process.env.PATH, DATABASE_URL: services.databaseUrl, TEMPORAL_ADDRESS: services.temporalAddress },
      ...{ STRIPE_SECRET_KEY: 'sk_test_operator', STRIPE_API_BASE: services.stripeApi },
    }
    const options = { cwd: repositoryRoot, env, extendEnv: false, all: true, reject: false } as const
    return execa(process.execPath, [...programOf('ops'), ...args], options)
  }
  expect(await ops('forget', '--user', 'hanna', '--by', 'olga', '--give-up-access')).toMatchObject({ exitCode: 0 })

  expect(await kept()).toEqual(before)
  expect(await query('select 1 from customers where stripe_customer_id = $1', [customerId])).toEqual([])
  // The customer's e-mail address and tax ids were deleted with the customer.
  expect(await stripe.customers.retrieve(customerId)).toMatchObject({ deleted: true })
  const stored = JSON.stringify([
    await query('select * from purchases where id = any($1)', [ids]),
    await query('select * from stripe_events where purchase_id = any($1)', [ids]),
    await query('select * from customers'),
    await query('select * from alerts'),
  ])
  for (const secret of [customer?.hash, taxed.invoiceUrl, free.invoiceUrl, 'hanna', 'typed@example.com', 'DE123456789'])
    expect(stored).not.toContain(String(secret))
  for (const { sessionId } of [taxed, free]) expect((await invoiceOf(sessionId)).metadata).not.toHaveProperty('userId')
  expect((await ops('doctor', '--stripe')).all).toMatch(/No problems found\.$/)

  // A refresh from Stripe does not restore the invoice links.
  expect(await ops('reconcile', '--purchase', taxed.purchaseId)).toMatchObject({ exitCode: 0 })
  const admin = await stack().client('root', { admin: true })
  expect(await admin.admin.purchases.refund.mutate({ id: taxed.purchaseId })).toMatchObject({ amount: 1_190 })
  await waitFor(
    'the refund',
    async () => (await admin.admin.purchases.get.query({ id: taxed.purchaseId })).status === 'Refunded',
    { timeoutMs: 20_000 },
  )
  expect(await query('select invoice_url, invoice_pdf_url from purchases where id = any($1)', [ids])).toEqual([
    { invoice_url: null, invoice_pdf_url: null },
    { invoice_url: null, invoice_pdf_url: null },
  ])

  // The same user can buy again, with a new customer.
  const again = await buy(await newClient('hanna', 'hanna@example.com'), productId, seedIds.film)
  await waitForStatus(await newClient('hanna'), again.purchaseId, 'Completed')
}, 240_000)
