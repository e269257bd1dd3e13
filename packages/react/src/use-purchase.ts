'use client'

import type { Outputs } from '@pay-to-view/client'
import { skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useLayoutEffect, useState } from 'react'
import { networkOptions } from './network-options.ts'
import { type PendingReason, type PurchaseItem, pendingReason } from './pending-reason.ts'
import { usePayToView } from './provider.tsx'
import { type PurchaseRejection, purchaseRejection } from './purchase-rejection.ts'
import { useAccess } from './use-access.ts'
import { useTabSync } from './use-tab-sync.ts'

type Created = Outputs['purchases']['create']

/** The current step of a purchase on this page. */
export type PurchaseStep =
  /** Access is being checked. */
  | { step: 'loading' }
  /** Nothing is in progress: show the prices. `lastPurchase` is the newest purchase of this entity; its status may explain why there is no access. */
  | { step: 'offer'; lastPurchase: PurchaseItem | null }
  /** The checkout is being created. */
  | { step: 'creating' }
  /** Show `<EmbeddedPurchase>`. */
  | { step: 'checkout'; purchaseId: string; clientSecret: string }
  /** The form is complete and access is about to be granted; with a card within about a second. */
  | { step: 'unlocking' }
  /** The bank is processing the payment (possibly for days), or an operator has to review it. Access is granted automatically. */
  | { step: 'waiting'; purchaseId: string; reason: PendingReason }
  /** The user has access. `justPurchased` is true if its checkout was on this page. */
  | { step: 'unlocked'; justPurchased: boolean; expiresAt: string | null }
  /** The checkout on this page ended without access: it expired or the payment failed. `reset` returns to the offer. */
  | { step: 'ended'; purchase: PurchaseItem }
  /**
   * Access could not be checked, or no checkout could be created. `rejection` is set if another currency or promotion code may help; for other
   * errors, `problemOf(error)` has the reason.
   */
  | { step: 'failed'; error: Error; rejection: PurchaseRejection | null; retry: () => void }

export interface BuyOptions {
  /** A currency in which the product has a price; its default currency if omitted. */
  currency?: string
  /** One of Stripe's promotion codes, in upper or lower case. The product must allow promotion codes. */
  promotionCode?: string
}

export interface PurchaseOptions extends BuyOptions {
  /** URL that the user returns to after the checkout; the current page if omitted. */
  returnUrl?: string
}

export type Purchase = PurchaseStep & {
  /** Creates a checkout, or returns the one that is open. `options` replace those of the hook. */
  buy: (payToViewProductId: string, options?: BuyOptions) => void
  /** Call this when the user has completed the embedded checkout. */
  completeCheckout: () => void
  /** Returns to the offer. */
  reset: () => void
}

interface CreateRequest {
  scope: string
  /** Bound to the user and entity that were shown when the user clicked. */
  send: () => Promise<Created>
  accessKey: unknown[]
}

const noRequest = { data: undefined, error: null, variables: undefined, isPending: false }

const failed = (error: Error, retry: () => void): PurchaseStep => ({
  ...{ step: 'failed', error, retry },
  rejection: purchaseRejection(error),
})

/** Poll interval of a purchase in progress. The server pushes when access is granted (`useAccess`), but not when a payment fails. */
const pollIntervalMs = 3_000

/** Manages the purchase of one entity, from the offer to access. */
export const usePurchase = (entityId: string, options: PurchaseOptions = {}): Purchase => {
  const { returnUrl, currency: defaultCurrency, promotionCode: defaultCode } = options
  const { client, user } = usePayToView()
  const queries = useQueryClient()
  /** Keeps local state apart per user and entity. */
  const scope = JSON.stringify([user, entityId])
  const [completedScope, setCompletedScope] = useState<string | null>(null)
  const isCheckoutComplete = completedScope === scope
  const access = useAccess(entityId, { pollFast: isCheckoutComplete })
  const hasAccess = access.data?.hasAccess
  const create = useMutation({
    networkMode: networkOptions.networkMode,
    mutationFn: ({ send }: CreateRequest) => send(),
    onSuccess: (created, { accessKey }) => {
      if (created.hasAccess) void queries.invalidateQueries({ queryKey: accessKey })
    },
  })
  const { reset: resetCreate, mutate: sendCreate } = create
  const { data: created, error, variables, isPending } = create.variables?.scope === scope ? create : noRequest

  /** The newest purchase of this entity, fetched only while there is no access. */
  const newest = useQuery({
    ...networkOptions,
    queryKey: ['purchases', user, 'of', entityId],
    queryFn:
      user !== null && hasAccess === false
        ? async () => (await client.purchases.list.query({ entityId, pageSize: 1 })).items[0] ?? null
        : skipToken,
    refetchInterval: ({ state: { data } }) => (created || (data && pendingReason(data)) ? pollIntervalMs : false),
    // Refetched whenever access is lost.
    staleTime: 0,
  })

  const { data: lastPurchase = null } = newest
  /** Set when another tab has started a newer purchase, which closes this page's checkout. Purchase ids sort by creation time. */
  const replacedId =
    created?.success && lastPurchase !== null && lastPurchase.purchaseId > created.purchaseId ? created.purchaseId : null
  const replaced = useQuery({
    ...networkOptions,
    queryKey: ['purchases', user, 'one', replacedId],
    queryFn: replacedId === null ? skipToken : () => client.purchases.get.query({ id: replacedId }),
    refetchInterval: ({ state: { data } }) => (data?.status === 'Pending' ? pollIntervalMs : false),
  })
  useTabSync(user, lastPurchase && `${lastPurchase.purchaseId} ${lastPurchase.status} ${lastPurchase.processing}`)

  const reset = useCallback(() => {
    resetCreate()
    setCompletedScope(null)
  }, [resetCreate])
  // When access is lost again, nothing is in progress.
  useLayoutEffect(() => (hasAccess ? reset : undefined), [hasAccess, reset])

  const currentStep = (): PurchaseStep => {
    if (access.data?.hasAccess) {
      // The server may push access before the form reports completion.
      const justPurchased = created?.success === true || created?.hasAccess === true
      return { step: 'unlocked', justPurchased, expiresAt: access.data.expiresAt }
    }
    if (isPending) return { step: 'creating' }
    if (error) return failed(error, () => variables !== undefined && create.mutate(variables))
    if (created?.success) {
      const { purchaseId } = created
      const own = replacedId === null ? (lastPurchase?.purchaseId === purchaseId ? lastPurchase : null) : replaced.data
      const current = replacedId === null ? own : lastPurchase
      const reason = current && pendingReason(current)
      if (reason) return { step: 'waiting', purchaseId: current.purchaseId, reason }
      if (own && own.status !== 'Pending' && own.status !== 'Completed') return { step: 'ended', purchase: own }
      if (isCheckoutComplete || own?.status === 'Completed') return { step: 'unlocking' }
      return { step: 'checkout', purchaseId, clientSecret: created.clientSecret }
    }
    if (created?.hasAccess) return { step: 'unlocking' }
    if (user === null) return { step: 'offer', lastPurchase: null }
    if (access.isLoadingError) return failed(access.error, () => void access.refetch())
    if (access.isPending || newest.isLoading) return { step: 'loading' }
    const reason = lastPurchase && pendingReason(lastPurchase)
    if (reason) return { step: 'waiting', purchaseId: lastPurchase.purchaseId, reason }
    // The result of the create call is valid until newer data arrives.
    if (created && !(lastPurchase?.purchaseId === created.purchaseId && lastPurchase.status !== 'Pending')) {
      return { step: 'waiting', purchaseId: created.purchaseId, reason: created.reason }
    }
    return { step: 'offer', lastPurchase }
  }

  const buy = useCallback(
    (payToViewProductId: string, { currency = defaultCurrency, promotionCode = defaultCode }: BuyOptions = {}) => {
      const options = {
        returnUrl: returnUrl ?? window.location.href,
        currency,
        promotionCode: promotionCode?.trim() || undefined,
      }
      const input = { payToViewProductId, entityId, ...options }
      sendCreate({ scope, send: () => client.purchases.create.mutate(input), accessKey: ['access', user, entityId] })
    },
    [client, entityId, returnUrl, defaultCurrency, defaultCode, scope, sendCreate, user],
  )

  return { ...currentStep(), buy, completeCheckout: () => setCompletedScope(scope), reset }
}
