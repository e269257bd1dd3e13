import { seedIds } from '@pay-to-view/devstack'
import fc from 'fast-check'
import { eventProduct, rentalProduct, rentedFilm, userEvent } from './access-catalog.ts'
import type { AccessStep } from './access-steps.ts'
import { pricedProduct } from './priced-catalog.ts'

interface Offer {
  entityId: string
  product: string
  /** Optional fields of `purchases.create`. */
  currency?: string
  promotionCode?: string
  renew?: boolean
}

/**
 * The offers that a scenario chooses from: two products for one film, a film in a channel, the channel, a product with promotion codes and
 * tax, a rental, renewals, and a pre-sold live event.
 */
export const offers: readonly [Offer, ...Offer[]] = [
  { entityId: seedIds.film, product: seedIds.thirtyDayProduct },
  { entityId: seedIds.film, product: seedIds.permanentProduct },
  { entityId: seedIds.channelFilm, product: seedIds.thirtyDayProduct },
  { entityId: seedIds.channel, product: seedIds.channelProduct },
  { entityId: seedIds.film, product: pricedProduct },
  { entityId: seedIds.film, product: pricedProduct, currency: 'jpy', promotionCode: 'half' },
  { entityId: seedIds.film, product: pricedProduct, currency: 'kwd', promotionCode: 'FREE' },
  { entityId: seedIds.film, product: pricedProduct, promotionCode: 'LAST' },
  { entityId: rentedFilm, product: rentalProduct },
  { entityId: rentedFilm, product: rentalProduct, renew: true },
  { entityId: seedIds.film, product: seedIds.thirtyDayProduct, renew: true },
  { entityId: userEvent, product: eventProduct },
  { entityId: userEvent, product: eventProduct, promotionCode: 'FREE' },
]

/** The emulator's test cards and other payment methods. */
export const paymentMethods = {
  good: { card: '4242424242424242', country: 'DE' },
  typedCode: { card: '4242424242424242', country: 'FR', promotionCode: 'HALF' },
  typedFreeCode: { promotionCode: 'FREE' },
  typedLastCode: { card: '4242424242424242', promotionCode: 'LAST' },
  declined: { card: '4000000000000002' },
  authenticated: { card: '4000002760003184', authenticate: 'complete' },
  authenticationFails: { card: '4000002760003184', authenticate: 'fail' },
  disputed: { card: '4000000000000259' },
  refundFails: { card: '4000000000005126' },
  refundPending: { card: '4000000000007726' },
  bankDebit: { method: 'us_bank_account' },
} as const

export type PaymentMethod = keyof typeof paymentMethods

/** Amounts are in minor units; null means the whole remaining amount. */
export type ScenarioStep =
  | AccessStep
  /** Requests the same checkout from one device, or from two devices at the same time. */
  | { action: 'create'; offer: number; devices: number }
  | { action: 'pay'; method: PaymentMethod; session: 'newest' | 'oldest' }
  | { action: 'settleBankDebit'; outcome: 'succeeded' | 'failed' }
  /** Pays a checkout session that was created in Stripe with the metadata of an existing session. */
  | { action: 'payManualSession'; amount: 'quoted' | 'other' }
  | { action: 'adminRefund'; amount: number | null; requestId: string | null }
  | { action: 'simultaneousRefunds'; amount: number | null }
  | { action: 'dashboardRefund'; amount: number | null }
  | { action: 'advanceRefund'; change: 'succeed' | 'fail' | 'cancel' | 'require_action' | 'set_pending' }
  | { action: 'openDispute'; status: 'needs_response' | 'warning_needs_response' }
  | {
      action: 'advanceDispute'
      change: 'review' | 'win' | 'lose' | 'appeal' | 'appeal_review' | 'prevent' | 'close_warning' | 'escalate'
    }
  | { action: 'expireSession' }
  /** Makes the newest purchase too old for its checkout to be reused. */
  | { action: 'backdate' }
  | { action: 'reachDeadline'; whilePaying: boolean }

const oneOf = <const T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const refundAmount = oneOf(null, 100, 250)

const buying: [fc.Arbitrary<ScenarioStep>, fc.Arbitrary<ScenarioStep>] = [
  fc.record({ action: fc.constant('create' as const), offer: fc.nat(offers.length - 1), devices: oneOf(1, 1, 2) }),
  fc.record({
    action: fc.constant('pay' as const),
    method: oneOf(
      ...(['good', 'good', 'good', 'declined', 'authenticated', 'authenticationFails'] as const),
      ...(['disputed', 'refundFails', 'refundPending', 'bankDebit', 'typedCode', 'typedFreeCode', 'typedLastCode'] as const),
    ),
    session: oneOf('newest', 'newest', 'oldest'),
  }),
]

const afterwards: fc.Arbitrary<ScenarioStep>[] = [
  fc.record({ action: fc.constant('settleBankDebit' as const), outcome: oneOf('succeeded', 'failed') }),
  fc.record({ action: fc.constant('payManualSession' as const), amount: oneOf('quoted', 'quoted', 'other') }),
  fc.record({ action: fc.constant('adminRefund' as const), amount: refundAmount, requestId: oneOf(null, 'a', 'b') }),
  fc.record({ action: fc.constant('simultaneousRefunds' as const), amount: refundAmount }),
  fc.record({ action: fc.constant('dashboardRefund' as const), amount: refundAmount }),
  fc.record({
    action: fc.constant('advanceRefund' as const),
    change: oneOf('succeed', 'fail', 'cancel', 'require_action', 'set_pending'),
  }),
  fc.record({ action: fc.constant('openDispute' as const), status: oneOf('needs_response', 'warning_needs_response') }),
  fc.record({
    action: fc.constant('advanceDispute' as const),
    change: oneOf('review', 'win', 'lose', 'appeal', 'appeal_review', 'prevent', 'close_warning', 'escalate'),
  }),
  fc.record({ action: fc.constant('expireSession' as const) }),
  fc.record({ action: fc.constant('backdate' as const) }),
  fc.record({ action: fc.constant('reachDeadline' as const), whilePaying: fc.boolean() }),
  fc.record({ action: oneOf('play', 'giveAccess', 'revokeAccess') }),
  fc.record({ action: fc.constant('play' as const) }),
]

/** This step is rare, because it stops the sale of the live event for all users. */
const cancelEvent = fc.record({ action: fc.constant('cancelEvent' as const) })

/** A scenario starts with a purchase. Any step may follow, including invalid steps, which Stripe or pay-to-view must reject. */
export const scenarioSteps: fc.Arbitrary<ScenarioStep[]> = fc
  .tuple(
    fc.tuple(...buying),
    fc.array(
      fc.oneof(
        { weight: 100, arbitrary: fc.oneof(...buying) },
        { weight: 150, arbitrary: fc.oneof(...afterwards) },
        { weight: 1, arbitrary: cancelEvent },
      ),
      { minLength: 1, maxLength: 8 },
    ),
  )
  .map(([first, rest]) => [...first, ...rest])
