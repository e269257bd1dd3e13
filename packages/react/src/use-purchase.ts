'use client'

import type { Outputs } from '@pay-to-view/client'
import { skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Access } from './access-phase.ts'
import { networkOptions } from './network-options.ts'
import { type PurchaseItem, pendingReason } from './pending-reason.ts'
import { usePayToView } from './provider.tsx'
import { currentStep, isRenewing, type PurchaseState, type PurchaseStep } from './purchase-step.ts'
import { useAccess } from './use-access.ts'
import { useTabSync } from './use-tab-sync.ts'

type Created = Outputs['purchases']['create']

export interface BuyOptions {
  /** A currency in which the product has a price. The default is the product's default currency. */
  currency?: string
  /** A Stripe promotion code, in upper or lower case. The product must allow promotion codes. */
  promotionCode?: string
  /**
   * Buys more time, or permanent access, for a user who has access or has bought access that starts later. Without `renew`,
   * such a user cannot buy anything.
   */
  renew?: boolean
  /** The buyer's acknowledgments, if the server requires them: the `value` from `useConsent`. */
  consent?: { immediateAccess: boolean; withdrawalWaived: boolean; version?: string }
}

export interface PurchaseOptions extends BuyOptions {
  /** The URL to which the user returns after the checkout. The default is the current page. */
  returnUrl?: string
}

export type Purchase = PurchaseStep & {
  /** Creates a checkout, or continues with the open checkout. `options` override the hook's options. */
  buy: (payToViewProductId: string, options?: BuyOptions) => void
  /** Call this when the user has completed the embedded checkout. */
  completeCheckout: () => void
  /** Returns to the offer, or to the user's current access. */
  reset: () => void
}

interface CreateRequest {
  scope: string
  /** Sends the request for the user and entity that were shown when the user clicked. */
  send: () => Promise<Created>
  accessKey: unknown[]
  isRenewal: boolean
}

const noRequest = { data: undefined, error: null, variables: undefined, isPending: false }

/** The poll interval for a purchase in progress. The server pushes when access is granted (`useAccess`), but not when a payment fails. */
const pollIntervalMs = 3_000

/** This page's create call for one user and entity. */
const useCreate = (scope: string) => {
  const queries = useQueryClient()
  const create = useMutation({
    networkMode: networkOptions.networkMode,
    mutationFn: ({ send }: CreateRequest) => send(),
    onSuccess: (created, { accessKey }) => {
      if (created.hasAccess) void queries.invalidateQueries({ queryKey: accessKey })
    },
  })
  const { data, error, variables, isPending } = create.variables?.scope === scope ? create : noRequest
  return {
    reset: create.reset,
    send: create.mutate,
    state: {
      ...{ data, error, isPending },
      isRenewal: variables?.isRenewal ?? false,
      retry: () => variables !== undefined && create.mutate(variables),
    },
  }
}

interface PurchasesInProgress {
  entityId: string
  access: Access | undefined
  created: Created | undefined
  isRenewal: boolean
}

/** Reads the newest purchase of the entity, and this page's purchase if a newer purchase has replaced it. */
const useNewest = ({ entityId, access, created, isRenewal }: PurchasesInProgress): Pick<PurchaseState, 'newest' | 'replaced'> => {
  const { client, user } = usePayToView()
  /** Purchases are fetched only if the user has no access, or for a renewal. */
  const isNeeded = user !== null && (access?.hasAccess === false || (isRenewal && created?.hasAccess === false))
  const isInProgress = (purchase: PurchaseItem | null | undefined): boolean => {
    if (created?.success && purchase?.purchaseId === created.purchaseId) return purchase.status !== 'Completed'
    return created !== undefined || (purchase ? pendingReason(purchase) !== null : false)
  }
  const newest = useQuery({
    ...networkOptions,
    queryKey: ['purchases', user, 'of', entityId],
    queryFn: isNeeded ? async () => (await client.purchases.list.query({ entityId, pageSize: 1 })).items[0] ?? null : skipToken,
    refetchInterval: ({ state: { data } }) => (isInProgress(data) ? pollIntervalMs : false),
    // The purchase is refetched whenever access is lost.
    staleTime: 0,
  })
  const { refetch } = newest
  /** Changes when the server pushes changed access, such as the new expiry after a renewal. */
  const accessKey = access && `${access.hasAccess} ${access.startsAt} ${access.expiresAt}`
  const isRenewalRead = isNeeded && isRenewal
  const lastAccessKey = useRef(accessKey)
  useEffect(() => {
    // Access that has not started can also be lost, if its purchase is refunded.
    const hasChanged = lastAccessKey.current !== undefined && lastAccessKey.current !== accessKey
    lastAccessKey.current = accessKey
    if (accessKey !== undefined && (isRenewalRead || (isNeeded && hasChanged))) void refetch()
  }, [accessKey, isNeeded, isRenewalRead, refetch])

  const { data: lastPurchase = null } = newest
  /** Set if another tab has started a newer purchase, which closes this page's checkout. Purchase ids sort by creation time. */
  const replacedId =
    created?.success && lastPurchase !== null && lastPurchase.purchaseId > created.purchaseId ? created.purchaseId : null
  const replaced = useQuery({
    ...networkOptions,
    queryKey: ['purchases', user, 'one', replacedId],
    queryFn: replacedId === null ? skipToken : () => client.purchases.get.query({ id: replacedId }),
    refetchInterval: ({ state: { data } }) => (data?.status === 'Pending' ? pollIntervalMs : false),
  })
  useTabSync(user, lastPurchase && `${lastPurchase.purchaseId} ${lastPurchase.status} ${lastPurchase.processing}`)
  return {
    newest: { purchase: lastPurchase, isLoading: newest.isLoading },
    replaced: replacedId === null ? null : { id: replacedId, purchase: replaced.data },
  }
}

/** Calls `reset` when access is lost, unless a renewal is in progress. */
const useResetOnLoss = (hasAccess: boolean, isInProgress: boolean, reset: () => void): void => {
  const hadAccess = useRef(false)
  useLayoutEffect(() => {
    if (hadAccess.current && !hasAccess && !isInProgress) reset()
    hadAccess.current = hasAccess
  }, [hasAccess, isInProgress, reset])
}

/** Manages the purchase of one entity, from the offer to access, and its renewal. */
export const usePurchase = (entityId: string, options: PurchaseOptions = {}): Purchase => {
  const {
    returnUrl,
    currency: defaultCurrency,
    promotionCode: defaultCode,
    renew: defaultRenew,
    consent: defaultConsent,
  } = options
  const { client, user } = usePayToView()
  const queries = useQueryClient()
  /** Keeps local state separate for each user and entity. */
  const scope = JSON.stringify([user, entityId])
  const [completedScope, setCompletedScope] = useState<string | null>(null)
  const isCheckoutComplete = completedScope === scope
  const access = useAccess(entityId, { pollFast: isCheckoutComplete })
  const { state: create, reset: resetCreate, send: sendCreate } = useCreate(scope)
  const state: PurchaseState = {
    isSignedIn: user !== null,
    now: Date.now(),
    access: {
      ...{ data: access.data, isPending: access.isPending, loadingError: access.isLoadingError ? access.error : null },
      retry: () => void access.refetch(),
    },
    ...{ create, isCheckoutComplete },
    ...useNewest({ entityId, access: access.data, created: create.data, isRenewal: create.isRenewal }),
  }
  const reset = useCallback(() => {
    resetCreate()
    setCompletedScope(null)
  }, [resetCreate])
  const isInProgress = isRenewing(state)
  useResetOnLoss(access.data?.hasAccess ?? false, isInProgress, reset)
  // Without a connection, the new expiry is not pushed, so access is refetched after a renewal.
  const isRenewed = create.isRenewal && create.data?.success === true && !isInProgress
  useEffect(() => {
    if (isRenewed) void queries.invalidateQueries({ queryKey: ['access', user, entityId] })
  }, [isRenewed, queries, user, entityId])

  const buy = useCallback(
    (payToViewProductId: string, options: BuyOptions = {}) => {
      const { currency = defaultCurrency, promotionCode = defaultCode, renew = defaultRenew, consent = defaultConsent } = options
      const input = {
        ...{ payToViewProductId, entityId, currency, renew, consent },
        returnUrl: returnUrl ?? window.location.href,
        promotionCode: promotionCode?.trim() || undefined,
      }
      setCompletedScope(null)
      sendCreate({
        scope,
        send: () => client.purchases.create.mutate(input),
        accessKey: ['access', user, entityId],
        isRenewal: renew ?? false,
      })
    },
    [client, entityId, returnUrl, defaultCurrency, defaultCode, defaultRenew, defaultConsent, scope, sendCreate, user],
  )

  return { ...currentStep(state), buy, completeCheckout: () => setCompletedScope(scope), reset }
}
