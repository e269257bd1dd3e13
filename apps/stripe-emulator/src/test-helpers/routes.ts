import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { FaultInput, type Faults } from '../faults/faults.ts'
import { missing, refused } from '../http/errors.ts'
import { int } from '../http/params.ts'
import { expireByClock, getSession } from '../model/checkout.ts'
import { DISPUTE_STEPS, isDisputeStep, openDispute, takeStep } from '../model/disputes.ts'
import { getPaymentIntent } from '../model/payment-intents.ts'
import { pay, settle } from '../model/payments.ts'
import { changeRefund, createRefund } from '../model/refunds.ts'
import { resend } from '../v1/events.ts'
import type { World } from '../world.ts'
import { type Asked, answer, helper } from './helper.ts'

const nothing = z.strictObject({})

const payment = z.strictObject({
  card: z.string().max(30).optional(),
  exp: z.string().max(10).optional(),
  cvc: z.string().max(10).optional(),
  name: z.string().max(200).optional(),
  email: z.string().max(512).optional(),
  method: z.enum(['card', 'sepa_debit', 'us_bank_account']).default('card'),
  authenticate: z.enum(['complete', 'fail']).optional(),
  /** The page sends it; a script need not. When it is sent it must be right. */
  client_secret: z.string().optional(),
})

const REFUND_STATUS = {
  succeed: 'succeeded',
  fail: 'failed',
  cancel: 'canceled',
  require_action: 'requires_action',
  pend: 'pending',
} as const

/** What the test suite, the card form and the dashboard's buttons do to the emulated world. */
export const registerHelpers = (app: FastifyInstance, world: World, faults: Faults): void => {
  const change = <T>({ requestId }: Asked, run: () => T): T => world.transaction({ id: requestId, idempotency_key: null }, run)

  helper(app, 'POST', '/checkout/sessions/:id/pay', payment, ({ client_secret, ...input }, asked) => {
    if (client_secret !== undefined && getSession(world, asked.id).client_secret !== client_secret)
      throw refused('The client secret does not belong to this Checkout Session, or the session is no longer open.', {
        param: 'client_secret',
      })
    const { error, ...result } = change(asked, () => pay(world, asked.id, input))
    return answer(error ? 402 : 200, error ? { error, ...result } : result)
  })
  helper(app, 'POST', '/checkout/sessions/:id/expire', nothing, (_, asked) => {
    change(asked, () => expireByClock(world, getSession(world, asked.id).id))
    return getSession(world, asked.id)
  })
  helper(
    app,
    'POST',
    '/payment_intents/:id/settle',
    z.strictObject({ outcome: z.enum(['succeeded', 'failed']).default('succeeded') }),
    ({ outcome }, asked) => change(asked, () => settle(world, getPaymentIntent(world, asked.id).id, outcome)),
  )
  helper(app, 'POST', '/charges/:id/refund', z.strictObject({ amount: int(1).optional() }), (input, asked) =>
    change(asked, () => createRefund(world, { charge: asked.id, ...input })),
  )
  for (const [verb, status] of Object.entries(REFUND_STATUS))
    helper(app, 'POST', `/refunds/:id/${verb}`, nothing, (_, asked) => change(asked, () => changeRefund(world, asked.id, status)))

  const dispute = z.strictObject({
    amount: int(1).optional(),
    reason: z.string().max(60).optional(),
    status: z
      .enum(['warning_needs_response', 'warning_under_review', 'needs_response', 'under_review', 'won', 'lost', 'prevented'])
      .optional(),
  })
  helper(app, 'POST', '/charges/:id/dispute', dispute, (input, asked) => change(asked, () => openDispute(world, asked.id, input)))
  for (const step of DISPUTE_STEPS.filter(isDisputeStep))
    helper(app, 'POST', `/disputes/:id/${step}`, nothing, (_, asked) => change(asked, () => takeStep(world, asked.id, step)))

  helper(app, 'POST', '/events/:id/resend', nothing, (_, asked) => change(asked, () => resend(world, asked.id)))
  helper(app, 'GET', '/webhook_deliveries', nothing, () => ({
    data: [...world.store.deliveries.newest(undefined, { limit: 1000 })],
  }))

  helper(app, 'POST', '/faults', FaultInput, (fault) => faults.add(fault))
  helper(app, 'GET', '/faults', nothing, () => ({ data: faults.list() }))
  helper(app, 'DELETE', '/faults', nothing, () => faults.clear())
  // A form cannot say DELETE.
  helper(app, 'POST', '/faults/clear', nothing, () => faults.clear())
  helper(app, 'DELETE', '/faults/:id', nothing, (_, { id }) => {
    if (!faults.remove(id)) throw missing('fault', id)
    return { id, deleted: true }
  })

  helper(app, 'POST', '/clock/advance', z.strictObject({ seconds: int(0, 10 * 365 * 86_400) }), ({ seconds }, asked) => {
    const offset = (world.store.clock.get('clock')?.offset ?? 0) + seconds * 1000
    change(asked, () => world.store.clock.put({ id: 'clock', offset }))
    world.alarm.check()
    return { now: world.now() }
  })
  helper(app, 'POST', '/reset', nothing, () => {
    world.reset()
    return faults.clear()
  })
}
