import type { Outputs } from '@pay-to-view/client'
import type { Access } from './access-phase.ts'
import { type PendingReason, type PurchaseItem, pendingReason } from './pending-reason.ts'
import { type PurchaseRejection, purchaseRejection } from './purchase-rejection.ts'

type Created = Outputs['purchases']['create']

/** The current step of a purchase on this page. */
export type PurchaseStep =
  /** Access is being checked. */
  | { step: 'loading' }
  /**
   * Nothing is in progress, so show the prices. `lastPurchase` is the newest purchase of this entity, whose status may explain
   * why there is no access.
   */
  | { step: 'offer'; lastPurchase: PurchaseItem | null }
  /** The checkout is being created. */
  | { step: 'creating' }
  /** Show `<EmbeddedPurchase>`. */
  | { step: 'checkout'; purchaseId: string; clientSecret: string }
  /** The form is complete, and access is about to be granted. With a card, this takes about a second. */
  | { step: 'unlocking' }
  /** The bank is processing the payment, possibly for days, or an operator has to review it. Access is granted automatically. */
  | { step: 'waiting'; purchaseId: string; reason: PendingReason }
  /**
   * The user has bought access that starts later. The step changes to `unlocked` when the access starts. `justPurchased` has the
   * same meaning as in `unlocked`.
   */
  | { step: 'upcoming'; justPurchased: boolean; startsAt: string; access: Access }
  /**
   * The user has access. `buy` with `renew` buys more time or permanent access. `justPurchased` is true if the checkout was on this page.
   * `accessPhase(access)` returns what to show.
   */
  | { step: 'unlocked'; justPurchased: boolean; expiresAt: string | null; access: Access }
  /** The checkout on this page ended without access: it expired or the payment failed. `reset` returns to the offer. */
  | { step: 'ended'; purchase: PurchaseItem }
  /**
   * Access could not be checked, or no checkout could be created. `rejection` is set if another currency or promotion code may
   * help; for other errors, `problemOf(error)` returns the reason.
   */
  | { step: 'failed'; error: Error; rejection: PurchaseRejection | null; retry: () => void }

/** The data from which the step is derived. */
export interface PurchaseState {
  isSignedIn: boolean
  /** Milliseconds since the epoch. */
  now: number
  access: { data: Access | undefined; isPending: boolean; loadingError: Error | null; retry: () => void }
  /** This page's create call for this user and entity. */
  create: { data: Created | undefined; error: Error | null; isPending: boolean; isRenewal: boolean; retry: () => void }
  /** Whether the user has completed the checkout form. */
  isCheckoutComplete: boolean
  /** The newest purchase of the entity. */
  newest: { purchase: PurchaseItem | null; isLoading: boolean }
  /** This page's purchase, if a newer purchase has replaced it. */
  replaced: { id: string; purchase: PurchaseItem | undefined } | null
}

/** This page's purchase, or null if it has not been fetched yet. */
export const ownPurchase = ({
  create,
  newest,
  replaced,
}: Pick<PurchaseState, 'create' | 'newest' | 'replaced'>): PurchaseItem | null => {
  if (!create.data?.success) return null
  if (replaced !== null) return replaced.purchase ?? null
  return newest.purchase?.purchaseId === create.data.purchaseId ? newest.purchase : null
}

/** Whether a renewal is in progress. Until the renewal is paid, its step is shown instead of the user's current access. */
export const isRenewing = (state: PurchaseState): boolean => {
  const { data, error, isPending, isRenewal } = state.create
  if (!isRenewal) return false
  if (isPending || error !== null) return true
  return data !== undefined && !data.hasAccess && ownPurchase(state)?.status !== 'Completed'
}

const failed = (error: Error, retry: () => void): PurchaseStep => ({
  ...{ step: 'failed', error, retry },
  rejection: purchaseRejection(error),
})

/** Access starts at the payment's time on Stripe's clock, which may be ahead of the server's. */
const clockSkewMs = 10_000

/** Whether access starts at the time of payment, slightly ahead of this clock, and not at the entity's release. */
const isDatedAhead = (startsAt: string, state: PurchaseState): boolean => {
  const paidAt = ownPurchase(state)?.completedAt ?? startsAt
  return Date.parse(startsAt) - state.now < clockSkewMs && Date.parse(startsAt) <= Date.parse(paidAt)
}

/** The step for a user who has access, or who has bought access that starts later. Null for other users. */
const ownedStep = (state: PurchaseState): PurchaseStep | null => {
  const {
    access: { data: access },
    create: { data: created },
  } = state
  if (!access) return null
  // The server may push access before the form reports completion.
  const justPurchased = created?.success === true || created?.hasAccess === true
  const { hasAccess, startsAt, expiresAt, source } = access
  if (hasAccess) return { step: 'unlocked', justPurchased, expiresAt, access }
  // Complimentary access that starts later does not prevent the user from buying access now.
  if (startsAt === null || source !== 'purchase') return null
  return created?.success && isDatedAhead(startsAt, state) ? null : { step: 'upcoming', justPurchased, startsAt, access }
}

/** The step for the checkout that this page has created. */
const checkoutStep = (state: PurchaseState, created: Extract<Created, { success: true }>): PurchaseStep => {
  const { purchaseId, clientSecret } = created
  const own = ownPurchase(state)
  const current = state.replaced === null ? own : state.newest.purchase
  const reason = current && pendingReason(current)
  if (reason) return { step: 'waiting', purchaseId: current.purchaseId, reason }
  if (own && own.status !== 'Pending' && own.status !== 'Completed') return { step: 'ended', purchase: own }
  if (state.isCheckoutComplete || own?.status === 'Completed') return { step: 'unlocking' }
  return { step: 'checkout', purchaseId, clientSecret }
}

export const currentStep = (state: PurchaseState): PurchaseStep => {
  const { isSignedIn, access, create, newest } = state
  const { data: created } = create
  const owned = isRenewing(state) ? null : ownedStep(state)
  if (owned) return owned
  if (create.isPending) return { step: 'creating' }
  if (create.error) return failed(create.error, create.retry)
  if (created?.success) return checkoutStep(state, created)
  if (created?.hasAccess) return { step: 'unlocking' }
  if (!isSignedIn) return { step: 'offer', lastPurchase: null }
  if (access.loadingError) return failed(access.loadingError, access.retry)
  if (access.isPending || newest.isLoading) return { step: 'loading' }
  const lastPurchase = newest.purchase
  const reason = lastPurchase && pendingReason(lastPurchase)
  if (reason) return { step: 'waiting', purchaseId: lastPurchase.purchaseId, reason }
  // The result of the create call is valid until newer data arrives.
  if (created && !(lastPurchase?.purchaseId === created.purchaseId && lastPurchase.status !== 'Pending')) {
    return { step: 'waiting', purchaseId: created.purchaseId, reason: created.reason }
  }
  return { step: 'offer', lastPurchase }
}
