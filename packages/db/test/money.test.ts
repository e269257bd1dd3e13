import type { DisputeSnapshot, Snapshot } from '@pay-to-view/purchase'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import { seedIds } from '@pay-to-view/testing/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  applyFacts,
  attachCheckout,
  createReads,
  insertPurchase,
  type NewPurchase,
  newPurchaseId,
  readCreateContext,
  readRefundRequest,
  recordRefundRequest,
  reevaluateRefund,
  uncoveredPayments,
} from '../src/index.ts'

let database: Database
let users = 0
beforeAll(async () => {
  database = await startDatabase()
}, 120_000)
afterAll(() => database?.stop())

const day = 86_400
const now = Math.floor(Date.now() / 1_000)

const film = { id: seedIds.film, title: 'Nosferatu', channelId: null }
const channel = { id: seedIds.channel, title: 'Silent films', channelId: null }
const channelFilm = { id: seedIds.channelFilm, title: 'Metropolis', channelId: seedIds.channel }

/** A purchase and what Stripe tells of it, in seconds from a base. */
const bought = async (userId: string, accessDurationDays: number | null = 30, entity: NewPurchase['entity'] = film) => {
  const { db } = database
  const id = newPurchaseId()
  const outcome = await insertPurchase(db, {
    id,
    userId,
    entity,
    product: { id: seedIds.thirtyDayProduct, amount: 499, currency: 'usd', accessDurationDays },
    checkoutRequest: {},
    checkoutDeadline: new Date(Date.now() + 2_400_000),
    stripeCustomerId: `cus_${userId}`,
  })
  expect(outcome).toMatchObject({ id })
  const payment = (nth: number) => `pi_${id}_${nth}`
  const paid = (at = now, nth = 1, over: { amount?: number } = {}): Snapshot[] => [
    {
      ...{
        kind: 'session',
        id: `cs_${id}_${nth}`,
        status: 'complete',
        paymentIntentId: payment(nth),
        userId,
        entityId: entity.id,
      },
      ...{ hasPaymentIntent: true, createdAt: now - 1_000 + nth, observedAt: at },
    },
    { kind: 'payment', id: payment(nth), status: 'paid', amount: 499, currency: 'usd', observedAt: at, ...over },
  ]
  const refunded = (name: string, amount: number, status: 'succeeded' | 'failed' = 'succeeded', nth = 1): Snapshot => ({
    ...{ kind: 'refund', id: `re_${id}_${name}`, paymentIntentId: payment(nth), status, amount },
    ...{ createdAt: now, requestId: null, observedAt: now },
  })
  const disputed = (status: DisputeSnapshot['status'], at: number, name = 'one', nth = 1): Snapshot => ({
    ...{ kind: 'dispute', id: `du_${id}_${name}`, paymentIntentId: payment(nth), status, amount: 499 },
    ...{ refundable: false, withdrawn: true, observedAt: at },
  })
  const hear = (...snapshots: Snapshot[]) => applyFacts(db, { id, snapshots, cause: { kind: 'event', eventIds: [] } })
  const alerts = async (kind: string) => db.alert.count({ where: { purchaseId: id, kind } })
  /** Those that wait for somebody. */
  const openAlerts = async () => {
    const open = await db.alert.findMany({ where: { purchaseId: id, resolvedAt: null }, orderBy: { id: 'asc' } })
    return open.map(({ kind }) => kind)
  }
  const requests = () =>
    db.refundRequest.findMany({
      where: { purchaseId: id },
      orderBy: { createdAt: 'asc' },
      select: { requestId: true, paymentIntentId: true, amount: true, error: true },
    })
  const notes = async () =>
    (await db.change.findMany({ where: { purchaseId: id }, orderBy: { id: 'asc' } })).map(({ note }) => note)
  return { id, payment, paid, refunded, disputed, hear, alerts, openAlerts, requests, notes }
}

test('the first attempts of a new user, at once, keep the one customer that Stripe has for them all', async () => {
  const { db } = database
  for (let round = 0; round < 20; round++) {
    const userId = newUser()
    await Promise.all([film, channel].map((entity) => bought(userId, 30, entity)))
    expect(await db.customer.findUnique({ where: { userId } })).toMatchObject({ stripeCustomerId: `cus_${userId}` })
  }
})

test('a customer that is known stays, whoever the next attempt is for', async () => {
  const userId = newUser()
  await bought(userId)
  await database.db.customer.update({ where: { userId }, data: { stripeCustomerId: `cus_kept_${userId}` } })
  await bought(userId, 30, channel)
  expect(await database.db.customer.findUnique({ where: { userId } })).toMatchObject({ stripeCustomerId: `cus_kept_${userId}` })
})

const newUser = () => `user-${++users}`

const order = (purchaseId: string, requestId: string, paymentIntentId: string, amount: number) => ({
  ...{ purchaseId, requestId, paymentIntentId, amount, reason: null, by: 'root' },
})

test('access ends as bought, also when an earlier sighting of the payment is told late', async () => {
  const film = await bought(newUser())
  expect(await film.hear(...film.paid(now))).toMatchObject({ hasAccess: true, expiresAt: now + 30 * day })
  await film.hear(...film.paid(now - 60))
  const grant = await database.db.grant.findUnique({ where: { purchaseId: film.id } })
  expect(grant?.expiresAt?.getTime()).toBe((now - 60 + 30 * day) * 1_000)
  expect((await film.notes()).at(-1)).toMatch(/expiry of the access updated/)
})

test('of two payments of one purchase one is given back, whichever is told first and however early the other then seems', async () => {
  const film = await bought(newUser())
  await film.hear(...film.paid(now, 2))
  expect(await film.hear(...film.paid(now + 5, 1))).toMatchObject({ paymentIntentId: film.payment(1), hasAccess: true })
  expect(await film.requests()).toMatchObject([{ requestId: `duplicate-${film.payment(2)}`, amount: 499 }])
  await film.hear(...film.paid(now - 50, 2))
  expect(await film.requests()).toHaveLength(1)
  expect((await film.notes()).at(-1)).toMatch(/counts from now on, not/)
  await film.hear(film.refunded('second', 499, 'succeeded', 2))
  expect((await film.notes()).at(-1)).toMatch(/refund .* of payment .* is succeeded/)
})

test('"all that is left" is what is left when Stripe is asked, and a fixed amount is refused when there is less', async () => {
  const film = await bought(newUser())
  await film.hear(...film.paid())
  const { db } = database
  await recordRefundRequest(db, film.id, { requestId: 'all', amount: null, reason: null, by: 'root' })
  await recordRefundRequest(db, film.id, { requestId: 'part', amount: 450, reason: null, by: 'root' })
  await film.hear(film.refunded('dashboard', 100))
  const all = order(film.id, 'all', film.payment(1), 499)
  expect(await reevaluateRefund(db, all)).toMatchObject({ pending: { requestId: 'all', amount: 399 } })
  expect(await reevaluateRefund(db, order(film.id, 'part', film.payment(1), 450))).toEqual({ rejected: 'amount_too_large' })
  // Nothing has changed since: Stripe refuses it for a reason that we cannot see.
  expect(await reevaluateRefund(db, { ...all, amount: 399 })).toEqual({ rejected: 'refund_refused' })
})

test('the audit says how much of a payment is refunded, each time that changes', async () => {
  const film = await bought(newUser())
  await film.hear(...film.paid())
  await film.hear(film.refunded('part', 100))
  await film.hear(film.refunded('rest', 399))
  await film.hear(film.refunded('rest', 399, 'failed'))
  await film.hear(film.refunded('part', 100, 'failed'))
  const told = (await film.notes()).slice(-4)
  expect(told).toEqual([
    '1.00 USD of 4.99 USD refunded',
    expect.stringContaining('4.99 USD of 4.99 USD refunded'),
    expect.stringContaining('1.00 USD of 4.99 USD refunded'),
    '0.00 USD of 4.99 USD refunded',
  ])
})

test('who asked for a refund stands in the audit, also when an event told of that refund before', async () => {
  const film = await bought(newUser())
  await film.hear(...film.paid())
  const { db } = database
  await recordRefundRequest(db, film.id, { requestId: 'ticket', amount: 100, reason: 'late', by: 'root' })
  const refund = film.refunded('ticket', 100)
  // Stripe took it, and then Postgres was away: the webhook of the refund is applied first.
  await film.hear(refund)
  const cause = { kind: 'admin_refund' as const, by: 'root', requestId: 'ticket', reason: 'late' }
  await applyFacts(db, {
    id: film.id,
    snapshots: [refund],
    cause,
    completesRefundRequest: { requestId: 'ticket', refundId: refund.id },
  })
  const changes = await db.change.findMany({ where: { purchaseId: film.id, cause: { equals: cause } } })
  expect(changes).toMatchObject([{ fromStatus: 'Completed', toStatus: 'Completed', note: expect.stringContaining(refund.id) }])
  expect(await readRefundRequest(db, film.id, 'ticket')).toMatchObject({ response: { amountRefunded: 100 } })
})

test('a duplicate whose refund Stripe refused, because the payment was disputed, is given back when the dispute is won', async () => {
  const user = newUser()
  const first = await bought(user)
  await first.hear({ kind: 'rejection', id: first.id, code: 'none', observedAt: now })
  const again = await bought(user)
  await again.hear(...again.paid(now))
  await first.hear(...first.paid(now + 1))
  const ordered = { requestId: `duplicate-${first.payment(1)}`, paymentIntentId: first.payment(1), amount: 499, error: null }
  expect(await first.requests()).toEqual([ordered])
  await first.hear(first.disputed('needs_response', now + 2))
  await reevaluateRefund(database.db, { ...order(first.id, ordered.requestId, ordered.paymentIntentId, 499), by: 'pay-to-view' })
  await first.hear(first.disputed('under_review', now + 3))
  expect(await first.requests()).toEqual([{ ...ordered, error: 'disputed' }])
  expect(await first.alerts('refund_refused')).toBe(1)
  await first.hear(first.disputed('won', now + 4))
  const [refused, reordered] = [
    { ...ordered, error: 'disputed' },
    { ...ordered, requestId: `${ordered.requestId}-2` },
  ]
  expect(await first.requests()).toEqual([refused, reordered])
  await first.hear(...first.paid(now + 9))
  expect(await first.requests()).toEqual([refused, reordered])
  expect(await first.alerts('restored_but_covered')).toBe(0)
})

test('a payment that was fought over from the first telling, and is won beside a newer one, is told and not given back', async () => {
  const user = newUser()
  const first = await bought(user)
  const [session] = first.paid()
  if (session?.kind !== 'session') throw new Error('Expected a session')
  await first.hear({ ...session, status: 'expired', paymentIntentId: null })
  const again = await bought(user)
  const second = [...first.paid(now, 2), first.disputed('needs_response', now + 1, 'one', 2)]
  expect(await first.hear(...second)).toMatchObject({ status: 'Disputed', hasAccess: false })
  await again.hear(...again.paid(now + 2))
  await first.hear(first.disputed('won', now + 3, 'one', 2))
  // Told again, and later more of it: what the operator is to decide nobody else does.
  await first.hear(first.disputed('won', now + 3, 'one', 2))
  await first.hear(first.disputed('won', now + 4, 'one', 2))
  expect(await first.requests()).toEqual([])
  expect(await first.alerts('restored_but_covered')).toBe(1)
  expect((await first.notes()).filter((note) => note?.includes('for the operator to decide'))).toHaveLength(1)
})

test('a channel that is given back beside a film of it that was bought meanwhile: both are kept, and the operator is told', async () => {
  const user = newUser()
  const all = await bought(user, 365, channel)
  await all.hear(...all.paid())
  await all.hear(all.disputed('needs_response', now + 1))
  const one = await bought(user, 30, channelFilm)
  expect(await one.hear(...one.paid(now + 2))).toMatchObject({ hasAccess: true })
  expect(await all.hear(all.disputed('won', now + 3))).toMatchObject({ hasAccess: true })
  await all.hear(all.disputed('won', now + 4))
  const told = await database.db.alert.findMany({ where: { purchaseId: all.id, kind: 'restored_over_members' } })
  expect(told.map(({ detail }) => detail)).toEqual([{ purchases: [one.id] }])
  expect(await one.requests()).toEqual([])
})

test('a payment that could not be given back gives what it was paid for when the other loses its access, or comes to its end', async () => {
  const user = newUser()
  const second = await bought(user)
  await second.hear({ kind: 'rejection', id: second.id, code: 'none', observedAt: now })
  const third = await bought(user)
  await third.hear({ kind: 'rejection', id: third.id, code: 'none', observedAt: now })
  const first = await bought(user)
  const { db } = database
  for (const one of [first, second, third]) await one.hear(...one.paid(now))
  for (const late of [second, third]) {
    const [request] = await late.requests()
    await db.refundRequest.updateMany({
      where: { purchaseId: late.id },
      data: { error: 'refund_failed', respondedAt: new Date() },
    })
    expect(request).toMatchObject({ requestId: `duplicate-${late.payment(1)}` })
  }
  // Its grant is past its end and still open: that must not stand in the way.
  const past = new Date(Date.now() - 60_000)
  const lives = async () => (await db.grant.findMany({ where: { userId: user, endedAt: null } })).map((grant) => grant.purchaseId)
  await first.hear(first.refunded('all', 499))
  const [heir] = await lives()
  expect([second.id, third.id]).toContain(heir)
  const [holds, waits] = heir === second.id ? [second, third] : [third, second]
  await db.grant.update({ where: { purchaseId: holds.id }, data: { expiresAt: past } })
  const window = { since: new Date(Date.now() - 120_000), now: new Date() }
  expect((await uncoveredPayments(db, window, 10)).map(({ id, paymentIntentId }) => [id, paymentIntentId])).toContainEqual([
    waits.id,
    waits.payment(1),
  ])
  expect(await waits.hear()).toMatchObject({ hasAccess: true })
  expect(await lives()).toEqual([waits.id])
  expect((await uncoveredPayments(db, window, 10)).map(({ id }) => id)).not.toContain(waits.id)
})

test('a dispute about a payment that was refunded, or does not count, is told and stands in the audit', async () => {
  const film = await bought(newUser())
  await film.hear(...film.paid())
  await film.hear(film.refunded('all', 499))
  await film.hear(film.disputed('needs_response', now + 1))
  expect(await film.hear(film.disputed('lost', now + 2))).toMatchObject({ status: 'Refunded' })
  expect([await film.alerts('disputed'), await film.alerts('charged_back')]).toEqual([1, 1])
  expect((await film.notes()).slice(-2)).toEqual([
    expect.stringMatching(/^dispute .* is needs_response$/),
    expect.stringMatching(/^dispute .* is lost$/),
  ])

  const twice = await bought(newUser())
  await twice.hear(...twice.paid(now, 1))
  await twice.hear(...twice.paid(now, 2))
  await twice.hear(twice.disputed('needs_response', now + 1, 'second', 2))
  expect(await twice.alerts('disputed')).toBe(1)
})

test('that a dispute is open, or lost, is told for as long as it is', async () => {
  const film = await bought(newUser())
  await film.hear(...film.paid())
  await film.hear(film.disputed('needs_response', now + 1, 'one'), film.disputed('needs_response', now + 1, 'two'))
  await film.hear(film.disputed('under_review', now + 2, 'one'))
  expect(await film.openAlerts()).toEqual(['disputed', 'disputed'])
  await film.hear(film.disputed('won', now + 3, 'one'))
  expect(await film.openAlerts()).toEqual(['disputed'])
  await film.hear(film.disputed('lost', now + 3, 'two'))
  expect(await film.openAlerts()).toEqual(['charged_back'])
  await film.hear(film.disputed('under_review', now + 4, 'two'))
  expect(await film.openAlerts()).toEqual(['disputed'])
  await film.hear(film.disputed('won', now + 5, 'two'))
  expect(await film.openAlerts()).toEqual([])
})

test('each dispute, each refund that fails and each payment that is not as quoted is told, and told once', async () => {
  const film = await bought(newUser())
  await film.hear(...film.paid())
  for (const name of ['one', 'two']) {
    await film.hear(film.disputed('needs_response', now + 1, name))
    await film.hear(film.disputed('needs_response', now + 1, name))
    await film.hear(film.disputed('won', now + 2, name))
  }
  expect(await film.alerts('disputed')).toBe(2)
  for (const name of ['one', 'two']) {
    await film.hear(film.refunded(name, 499))
    await film.hear(film.refunded(name, 499, 'failed'))
    await film.hear(film.refunded(name, 499, 'failed'))
  }
  expect(await film.alerts('restored')).toBe(2)
  const strange = await bought(newUser())
  await strange.hear(...strange.paid(now, 1, { amount: 77 }))
  await strange.hear(...strange.paid(now, 2, { amount: 78 }))
  expect(await strange.alerts('mismatch')).toBe(2)
})

test('of two wrong payments each can be given back, one after the other', async () => {
  const { db } = database
  const one = await bought(newUser())
  await one.hear(...one.paid(now, 1, { amount: 100 }), ...one.paid(now, 2, { amount: 200 }))
  expect(await recordRefundRequest(db, one.id, { requestId: 'a', amount: null, reason: null, by: 'root' })).toMatchObject({
    pending: { paymentIntentId: one.payment(1), amount: 100 },
  })
  const back = await one.hear(one.refunded('a', 100))
  expect(back).toMatchObject({
    status: 'Pending',
    paymentIntentId: one.payment(2),
    mismatch: 'amount',
    isFinal: false,
    amountPaid: 200,
  })
  expect((await one.notes()).join()).toContain(`payment ${one.payment(2)} counts from now on, not ${one.payment(1)}`)
  expect(await one.alerts('restored')).toBe(0)
  expect(await recordRefundRequest(db, one.id, { requestId: 'b', amount: null, reason: null, by: 'root' })).toMatchObject({
    pending: { paymentIntentId: one.payment(2), amount: 200 },
  })
  expect(await one.openAlerts()).toEqual(['mismatch'])
  const end = await one.hear(one.refunded('b', 200, 'succeeded', 2))
  expect(end).toMatchObject({ status: 'Refunded', amountRefunded: 200, hasAccess: false })
  expect(await one.openAlerts()).toEqual([])
  expect(await one.hear(one.refunded('b', 200, 'failed', 2))).toMatchObject({ status: 'Pending', mismatch: 'amount' })
  expect(await one.openAlerts()).toContain('mismatch')
})

test('the end of a checkout that was made by hand does not end the purchase whose own is open', async () => {
  const one = await bought(newUser())
  expect(await attachCheckout(database.db, one.id, `cs_${one.id}_1`)).toBe(true)
  const [ended] = one.paid(now, 2).map((told) => ({ ...told, status: 'expired', paymentIntentId: null }) as Snapshot)
  const [own] = one.paid(now, 1).map((told) => ({ ...told, status: 'expired', paymentIntentId: null }) as Snapshot)
  if (!ended || !own) throw new Error('A payment has a session')
  expect(await one.hear(ended)).toMatchObject({ status: 'Pending' })
  expect(await one.hear(own)).toMatchObject({ status: 'Expired' })
})

test.each([
  ['under way, by a debit that takes days', { status: 'processing' }, 'payment_processing'],
  ['not as quoted', { amount: 100 }, 'payment_review'],
] as const)(
  'beside a purchase that has ended, and whose payment then comes and is %s, nothing is sold',
  async (_, over, reason) => {
    const { db } = database
    const user = newUser()
    const one = await bought(user)
    const [session, payment] = one.paid(now, 2)
    if (session?.kind !== 'session' || payment?.kind !== 'payment') throw new Error('Expected a session and its payment')
    await one.hear({ ...session, id: `cs_${one.id}_1`, status: 'expired', paymentIntentId: null })
    await one.hear(session, { ...payment, ...over })
    const situation = await readCreateContext(db, user, seedIds.thirtyDayProduct, seedIds.film)
    expect(situation).toMatchObject({ open: null, hasAccess: false, blockedBy: { id: one.id, reason } })
    expect(
      await insertPurchase(db, {
        ...{ id: newPurchaseId(), userId: user, entity: { id: seedIds.film, title: 'Nosferatu', channelId: null } },
        product: { id: seedIds.thirtyDayProduct, amount: 499, currency: 'usd', accessDurationDays: 30 },
        ...{ checkoutRequest: {}, checkoutDeadline: new Date(Date.now() + 2_400_000), stripeCustomerId: `cus_${user}` },
      }),
    ).toBe('taken')
  },
)

test('a checkout that needed no payment, and one that Stripe does not know, end the purchase and are told once', async () => {
  const free = await bought(newUser())
  const [session] = free.paid()
  if (session?.kind !== 'session') throw new Error('Expected a session')
  const completed: Snapshot = { ...session, paymentIntentId: null, hasPaymentIntent: false }
  expect(await free.hear(completed)).toMatchObject({ status: 'Expired', processing: false, hasAccess: false })
  await free.hear({ ...completed, observedAt: now + 1 })
  expect(await free.alerts('completed_without_payment')).toBe(1)

  const gone = await bought(newUser())
  expect(await gone.hear({ ...session, id: `cs_${gone.id}_1`, status: 'missing', paymentIntentId: null })).toMatchObject({
    status: 'Expired',
  })
  expect(await gone.alerts('checkout_missing')).toBe(1)
})

test('a payment that comes with such a checkout gives access, and the operator is told all the same', async () => {
  const one = await bought(newUser())
  const [session, payment] = one.paid()
  if (session?.kind !== 'session' || !payment) throw new Error('Expected a session and its payment')
  const free: Snapshot = { ...session, id: `cs_${one.id}_2`, paymentIntentId: null, hasPaymentIntent: false }
  const lost: Snapshot = { ...free, id: `cs_${one.id}_3`, status: 'missing' }
  expect(await one.hear(session, payment, free, lost)).toMatchObject({ status: 'Completed', hasAccess: true })
  expect(await one.alerts('completed_without_payment')).toBe(1)
  expect(await one.alerts('checkout_missing')).toBe(1)
})

test('what cannot be read is left out and told of, and its events stay unapplied; the rest is applied', async () => {
  const { db } = database
  const one = await bought(newUser())
  const [session, payment] = one.paid()
  if (session?.kind !== 'session' || payment?.kind !== 'payment') throw new Error('Expected a session and its payment')
  const eventIds = [`evt_${one.id}`]
  await db.stripeEvent.create({
    data: {
      ...{
        id: `evt_${one.id}`,
        type: 'checkout.session.completed',
        createdAt: new Date(),
        objectId: session.id,
        livemode: false,
      },
      ...{ outcome: 'matched', purchaseId: one.id, parsed: {}, source: 'webhook' },
    },
  })
  const unread: Snapshot[] = [
    { ...payment, id: 'pi_1', amount: -1 },
    { ...payment, id: 'pi_2', observedAt: 1e15 },
    { ...session, id: 'cs_1', userId: '\0' },
    { ...session, id: 'cs_2', entityId: '\ud800' },
    { ...session, id: '\0' },
  ]
  const snapshots = [...unread, session, payment]
  expect(await applyFacts(db, { id: one.id, snapshots, cause: { kind: 'event', eventIds }, eventIds })).toMatchObject({
    status: 'Completed',
    hasAccess: true,
  })
  const told = await db.alert.findMany({ where: { purchaseId: one.id }, orderBy: { id: 'asc' } })
  expect(told.map(({ kind, detail }) => [kind, detail])).toEqual(
    ['payment pi_1', 'payment pi_2', 'session cs_1', 'session cs_2', 'a value without kind and id'].map((snapshot) => [
      'unreadable_snapshot',
      { snapshot },
    ]),
  )
  expect(await db.stripeEvent.findUniqueOrThrow({ where: { id: `evt_${one.id}` } })).toMatchObject({ appliedAt: null })
  expect(await one.hear(session, payment)).toMatchObject({ status: 'Completed' })
})

test('who waits for the operator has the time that was paid for from then on', async () => {
  const one = await bought(newUser(), 2)
  await one.hear(...one.paid(now - 3 * day, 1, { amount: 500 }))
  const accepted = await one.hear({ kind: 'acceptance', id: one.payment(1), by: 'olga', observedAt: now })
  expect(accepted).toMatchObject({ status: 'Completed', hasAccess: true, paidAt: now - 3 * day, expiresAt: now + 2 * day })
})

test('a payment of which is told when its access would be over is left to the operator', async () => {
  const one = await bought(newUser(), 2)
  const late = one.paid(now - 3 * day)
  expect(await one.hear(...late)).toMatchObject({ status: 'Completed', hasAccess: false })
  await one.hear(...late)
  expect(await one.openAlerts()).toEqual(['paid_too_late'])
  expect((await one.notes()).join()).toContain('the access had expired before it was granted')
})

test('viewers who ask at one moment are each told of their own purchases, access and checkouts', async () => {
  const reads = createReads(database.db)
  const [alice, bob, carol] = [newUser(), newUser(), newUser()]
  const first = await bought(alice)
  await first.hear(...first.paid())
  const second = await bought(alice, 30, channel)
  const open = await bought(bob)
  const page = (user: string, query: object = {}) => reads.history(user, { page: 1, pageSize: 10, ...query })
  const [whole, ofFilm, later, past, bobs, none] = await Promise.all([
    page(alice),
    page(alice, { entityId: seedIds.film }),
    page(alice, { page: 2, pageSize: 1 }),
    page(alice, { page: 9 }),
    page(bob),
    page(carol),
  ])
  expect(whole).toMatchObject({
    items: [
      { id: second.id, hasAccess: false },
      { id: first.id, hasAccess: true },
    ],
    totalCount: 2,
  })
  expect(ofFilm).toMatchObject({ items: [{ id: first.id }], totalCount: 1 })
  expect(later).toMatchObject({ items: [{ id: first.id }], totalCount: 2 })
  expect(past).toEqual({ items: [], totalCount: 2 })
  expect(bobs).toMatchObject({ items: [{ id: open.id }], totalCount: 1 })
  expect(none).toEqual({ items: [], totalCount: 0 })

  const [alices, others] = await Promise.all([
    reads.access(alice, [seedIds.channelFilm, seedIds.film, 'vid_unknown']),
    reads.access(bob, [seedIds.film]),
  ])
  expect(alices.map(({ entityId, purchaseId }) => [entityId, purchaseId])).toEqual([
    [seedIds.channelFilm, null],
    [seedIds.film, first.id],
    ['vid_unknown', null],
  ])
  expect(others).toMatchObject([{ entityId: seedIds.film, hasAccess: false }])

  const situations = await Promise.all([
    readCreateContext(database.db, alice, seedIds.thirtyDayProduct, seedIds.film),
    readCreateContext(database.db, bob, seedIds.thirtyDayProduct, seedIds.film),
    readCreateContext(database.db, carol, 'prod_unknown', 'vid_unknown'),
  ])
  expect(situations).toMatchObject([
    { offered: true, hasAccess: true, stripeCustomerId: `cus_${alice}`, open: null },
    {
      offered: true,
      hasAccess: false,
      stripeCustomerId: `cus_${bob}`,
      open: { id: open.id, userId: bob, entityId: seedIds.film },
    },
    { product: null, entity: null, offered: false, hasAccess: false, stripeCustomerId: null, blockedBy: null, open: null },
  ])
})
