import { expect, test } from 'vitest'
import { startTestEmulator } from './harness.ts'

const daySeconds = 86_400

test('an account is filled with the past sales of another backend, in chronological order and without events', async () => {
  const { stripe, helper, newSession, pay } = await startTestEmulator()
  expect(await helper('/history', { purchases: 40, days: 200 })).toMatchObject({ status: 200 })
  const sessions = await stripe.checkout.sessions.list({ limit: 100, expand: ['data.payment_intent.latest_charge'] })
  expect(sessions.data).toHaveLength(40)
  const created = sessions.data.map((session) => session.created)
  expect(created).toEqual([...created].sort((a, b) => b - a))
  expect((created[0] ?? 0) - (created.at(-1) ?? 0)).toBeGreaterThan(190 * daySeconds)
  expect(new Set(sessions.data.map(({ status }) => status))).toEqual(new Set(['complete', 'expired']))
  const ids = sessions.data.flatMap(({ metadata }) => metadata?.payToViewPurchaseId ?? [])
  expect(ids.some((id) => /^\d+$/.test(id))).toBe(true)
  expect(ids.some((id) => /^[\da-f]{8}-[\da-f]{4}-4/.test(id))).toBe(true)
  expect(sessions.data.filter(({ metadata }) => metadata?.order)).toHaveLength(2)
  for (const { created: soldAt, payment_intent: intent } of sessions.data) {
    if (intent === null) continue
    if (typeof intent === 'string' || typeof intent.latest_charge !== 'object') throw new Error('Expected an expanded charge')
    expect((intent.latest_charge?.created ?? 0) - soldAt).toBe(60)
    expect(intent.metadata).toEqual({})
  }
  expect((await stripe.refunds.list()).data.map(({ status, amount }) => [status, amount])).toEqual(
    expect.arrayContaining([
      ['succeeded', 100],
      ['failed', expect.any(Number)],
    ]),
  )
  expect(new Set((await stripe.disputes.list()).data.map(({ status }) => status))).toEqual(
    new Set(['needs_response', 'lost', 'won']),
  )
  expect((await stripe.events.list()).data).toEqual([])
  // Only events that occur after the past sales have been created are sent.
  const { id } = await newSession()
  await pay(id)
  expect((await stripe.events.list()).data.length).toBeGreaterThan(0)
  expect(await helper('/history')).toMatchObject({ status: 400 })
})

test('an account is filled with a year of sales that add up: payouts plus balance equal the net of all transactions', async () => {
  const { stripe, helper } = await startTestEmulator()
  const items = ['usd', 'eur', 'jpy'].map((currency, index) => ({
    ...{ entityId: `film-${index}`, entityType: '1', title: `Film no. ${index}`, productId: 'own', currency, amount: 999 },
  }))
  expect(await helper('/sales_year', { purchases: 300, items })).toMatchObject({ status: 200 })
  const nets = new Map<string, number>()
  const transactions = await stripe.balanceTransactions.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 })
  for (const { currency, net, type } of transactions) if (type !== 'payout') nets.set(currency, (nets.get(currency) ?? 0) + net)
  const created = transactions.map((transaction) => transaction.created)
  expect(created).toEqual([...created].sort((a, b) => b - a))
  const left = new Map(nets)
  for (const { id, currency, amount } of await stripe.payouts.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 })) {
    left.set(currency, (left.get(currency) ?? 0) - amount)
    const contained = await stripe.balanceTransactions.list({ payout: id, limit: 100 })
    expect(contained.data.reduce((sum, { net }) => sum + net, 0)).toBe(0)
  }
  const { available, pending } = await stripe.balance.retrieve()
  const balances = new Map(available.map(({ currency, amount }) => [currency, amount]))
  for (const { currency, amount } of pending) balances.set(currency, (balances.get(currency) ?? 0) + amount)
  expect(balances).toEqual(left)
  expect([...nets.keys()].sort()).toEqual(['eur', 'jpy', 'usd'])
  expect(await helper('/sales_year', { items })).toMatchObject({ status: 400, body: { error: { code: 'account_in_use' } } })
})
