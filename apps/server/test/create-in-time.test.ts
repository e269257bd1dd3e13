import { createPurchaseCommands } from '@pay-to-view/api'
import { createDb } from '@pay-to-view/db'
import { createGateway, createStripe } from '@pay-to-view/stripe'
import { seeded, useStack } from '@pay-to-view/testing/stack'
import { createPurchaseClient } from '@pay-to-view/workflow-client/client'
import { createTemporalClient } from '@pay-to-view/workflow-client/connection'
import { afterAll, beforeAll, expect, test } from 'vitest'

const stack = useStack()
let commands: ReturnType<typeof createPurchaseCommands>
let close: () => Promise<void>

/** Milliseconds: less than Stripe takes here. */
const createWithin = 1_000

beforeAll(() => {
  const { databaseUrl, stripeApi, temporalAddress, temporalNamespace } = stack().stack
  const db = createDb(databaseUrl)
  const client = createTemporalClient({ address: temporalAddress, namespace: temporalNamespace, tls: false })
  commands = createPurchaseCommands({
    db,
    stripe: createGateway(createStripe({ secretKey: 'sk_test_server', apiBase: stripeApi, timeoutMs: 6_000, maxRetries: 1 })),
    purchases: createPurchaseClient({ client, taskQueue: 'pay-to-view' }),
    redirect: 'never',
    isReturnUrlAllowed: () => true,
    createWithin,
  })
  close = async () => {
    await client.connection.close()
    await db.$disconnect()
  }
})
afterAll(() => close())

const wanted = { payToViewProductId: seeded.thirtyDays, entityId: seeded.film, returnUrl: 'https://yoursite.com/' }
const create = (id: string) => commands.create(wanted, { id })

test.each(['/v1/customers', '/v1/checkout/sessions'])(
  'a create that waits too long for %s says so in time, and asked again gives the one checkout that was made',
  async (path) => {
    const user = stack().newUser()
    await stack().emulator('faults', { on: 'api', path, effect: 'latency', ms: 4_000, times: 1 })
    const since = performance.now()
    await expect(create(user)).rejects.toMatchObject({ code: 'checkout_unavailable' })
    expect(performance.now() - since).toBeLessThan(createWithin + 1_000)

    const told = () => create(user).catch(() => null)
    await expect.poll(told, { timeout: 20_000 }).toMatchObject({ success: true })
    const again = await create(user)
    if (!again.success) throw new Error('No checkout')
    const made = await stack().stripe.checkout.sessions.list({ customer: again.stripeCustomerId })
    expect(made.data.map(({ id, metadata }) => [id, metadata?.payToViewPurchaseId])).toEqual([
      [again.clientSecret.split('_secret_')[0], again.purchaseId],
    ])
    expect(await stack().query('select id, status from purchases where user_id = $1', [user])).toEqual([
      { id: again.purchaseId, status: 'Pending' },
    ])
  },
)
