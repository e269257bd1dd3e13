import { createEmailHash, createPurchaseCommands } from '@pay-to-view/api'
import { closeDb, createDb } from '@pay-to-view/db'
import { createGateway, createStripe } from '@pay-to-view/stripe'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { createPurchaseClient } from '@pay-to-view/workflow-client/client'
import { createTemporalClient } from '@pay-to-view/workflow-client/connection'
import { afterAll, beforeAll, expect, test } from 'vitest'

const stack = useStack()
let commands: ReturnType<typeof createPurchaseCommands>
let close: () => Promise<void>

/** Shorter than the injected latency. */
const createTimeoutMs = 1_000

beforeAll(() => {
  const { databaseUrl, stripeApi, temporalAddress, temporalNamespace } = stack().stack
  const db = createDb(databaseUrl)
  const client = createTemporalClient({ address: temporalAddress, namespace: temporalNamespace, tls: false })
  commands = createPurchaseCommands({
    db,
    stripe: createGateway(createStripe({ secretKey: 'sk_test_server', apiBase: stripeApi, timeoutMs: 6_000, maxRetries: 1 })),
    purchases: createPurchaseClient({ client, taskQueue: 'pay-to-view' }),
    checkoutOptions: { redirect: 'never', automaticTax: false, collectTaxIds: false, createInvoices: false },
    consent: null,
    hashEmail: createEmailHash('key'),
    isReturnUrlAllowed: () => true,
    createTimeoutMs,
  })
  close = async () => {
    await client.connection.close()
    await closeDb(db)
  }
})
afterAll(() => close())

const input = { payToViewProductId: seedIds.thirtyDayProduct, entityId: seedIds.film, returnUrl: 'https://yoursite.com/' }
const create = (id: string) => commands.create(input, { id, email: null })

test.each(['/v1/customers', '/v1/checkout/sessions'])(
  'a create that waits too long for %s times out, and a retry returns the single checkout that was created',
  async (path) => {
    const user = stack().newUser()
    await stack().emulator('faults', { on: 'api', path, effect: 'latency', ms: 4_000, times: 1 })
    const startedAt = performance.now()
    await expect(create(user)).rejects.toMatchObject({ code: 'checkout_unavailable' })
    expect(performance.now() - startedAt).toBeLessThan(createTimeoutMs + 1_000)

    const retry = () => create(user).catch(() => null)
    await expect.poll(retry, { timeout: 20_000 }).toMatchObject({ success: true })
    const again = await create(user)
    if (!again.success) throw new Error('No checkout')
    const sessions = await stack().stripe.checkout.sessions.list({ customer: again.stripeCustomerId })
    expect(sessions.data.map(({ id, metadata }) => [id, metadata?.payToViewPurchaseId])).toEqual([
      [again.clientSecret.split('_secret_')[0], again.purchaseId],
    ])
    expect(await stack().query('select id, status from purchases where user_id = $1', [user])).toEqual([
      { id: again.purchaseId, status: 'Pending' },
    ])
  },
)
