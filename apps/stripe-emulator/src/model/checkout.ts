import { missing, refused } from '../http/errors.ts'
import type { Session } from '../store/wire.ts'
import type { World } from '../world.ts'

export const getSession = (world: World, id: string): Session => {
  const session = world.store.sessions.get(id)
  if (!session) throw missing('checkout.session', id, 'session')
  return session
}

const closed = { client_secret: null, url: null } as const

/** By the API; only an open session can be expired. */
export const expireSession = (world: World, id: string): Session => {
  const session = getSession(world, id)
  if (session.status !== 'open')
    throw refused(
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${session.status}\`.`,
    )
  return end(world, session)
}

/** By the clock: nothing to refuse when it is no longer open. */
export const expireByClock = (world: World, id: string): void => {
  const session = world.store.sessions.get(id)
  if (session?.status === 'open') end(world, session)
}

/** A payment that was tried and not made ends with its session ("You can't confirm or cancel the PaymentIntent for a Checkout Session"). */
const end = (world: World, session: Session): Session => {
  const { sessions, paymentIntents } = world.store
  const expired = sessions.put({ ...session, ...closed, status: 'expired' })
  const intent = session.payment_intent ? paymentIntents.get(session.payment_intent) : undefined
  if (intent) {
    const canceled = paymentIntents.put({
      ...intent,
      status: 'canceled',
      canceled_at: world.now(),
      cancellation_reason: 'expired',
      next_action: null,
    })
    world.emit('payment_intent.canceled', canceled)
  }
  world.emit('checkout.session.expired', expired)
  return expired
}

/** Completed does not mean paid: `payment_status` says that. */
export const completeSession = (world: World, session: Session, paid: Partial<Session>): Session => {
  const complete = world.store.sessions.put({ ...session, ...closed, ...paid, status: 'complete' })
  world.emit('checkout.session.completed', complete)
  return complete
}

export const updateSession = (world: World, id: string, patch: Partial<Session>): Session => {
  const session = getSession(world, id)
  return world.store.sessions.put({ ...session, ...patch })
}
