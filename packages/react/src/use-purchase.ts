'use client'

import type { Outputs } from '@pay-to-view/client'
import { skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useLayoutEffect, useState } from 'react'
import { atOnce } from './network.ts'
import { usePayToView } from './provider.tsx'
import { useAccess } from './use-access.ts'
import { useOtherPages } from './use-other-pages.ts'

type Created = Outputs['purchases']['create']

/** A purchase as its buyer is told of it. */
export type PurchaseItem = Outputs['purchases']['list']['items'][number]

/** Why there is neither a checkout nor access now. */
export type WaitingReason = Extract<Created, { reason: string }>['reason']

/** How far a purchase is on this page. */
export type PurchaseStep =
  /** Whether there is access is being asked for. */
  | { step: 'loading' }
  /** Nothing is under way: show the prices. `last` is the newest purchase of this entity: its status says what became of it (refunded, for example). */
  | { step: 'offer'; last: PurchaseItem | null }
  /** The checkout is being made. */
  | { step: 'creating' }
  /** Show `<EmbeddedPurchase>`. */
  | { step: 'checkout'; purchaseId: string; clientSecret: string }
  /** The form is done, and access is on its way: in a second for a card. */
  | { step: 'opening' }
  /** The bank has the payment (for days, perhaps), or somebody has to look at it. Access opens by itself. */
  | { step: 'waiting'; purchaseId: string; reason: WaitingReason }
  /** `bought`: it opened while its checkout was on this page, a moment ago. */
  | { step: 'open'; bought: boolean; expiresAt: string | null }
  /** The checkout of this page has ended without access: its time was over, or the bank's payment failed. `leave` goes back to the prices. */
  | { step: 'ended'; purchase: PurchaseItem }
  /** Access could not be asked for, or no checkout was made: `problemOf(error)` says why, `retry` tries again. */
  | { step: 'failed'; error: Error; retry: () => void }

export type Purchase = PurchaseStep & {
  /** Makes a checkout, or finds the one that is open. */
  buy: (payToViewProductId: string) => void
  /** The embedded checkout is done. */
  completed: () => void
  /** Back to the prices. */
  leave: () => void
}

interface Wanted {
  of: string
  /** For the user, and of the entity, that were shown when it was asked for. */
  send: () => Promise<Created>
  accessKey: unknown[]
}

const nothing = { data: undefined, error: null, variables: undefined, isPending: false }

/** Milliseconds between two looks at a purchase that is under way. That access opens is told at once (`useAccess`); that it never will, is not. */
const lookAgain = 3_000

/** What a purchase that is known already waits for; null where nothing is to be waited for. */
export const waitsFor = ({ status, processing, amountPaid }: PurchaseItem): WaitingReason | null => {
  if (status === 'Disputed') return 'disputed'
  if (status !== 'Pending') return null
  // What was paid as quoted is Completed.
  return processing ? 'payment_processing' : amountPaid > 0 ? 'payment_review' : null
}

/** Buying one entity, from the price to the moment that access is there. `returnUrl` is this page if not given. */
export const usePurchase = (entityId: string, { returnUrl }: { returnUrl?: string } = {}): Purchase => {
  const { client, user } = usePayToView()
  const queries = useQueryClient()
  /** Whose purchase of what is on this page: what was under way for another user or entity is not shown. */
  const of = JSON.stringify([user, entityId])
  const [paidFor, setPaidFor] = useState<string | null>(null)
  const paid = paidFor === of
  const access = useAccess(entityId, { urgent: paid })
  const hasAccess = access.data?.hasAccess
  const create = useMutation({
    networkMode: atOnce.networkMode,
    mutationFn: ({ send }: Wanted) => send(),
    onSuccess: (created, { accessKey }) => {
      if (created.hasAccess) void queries.invalidateQueries({ queryKey: accessKey })
    },
  })
  const { reset } = create
  const { data: created, error, variables, isPending } = create.variables?.of === of ? create : nothing

  /** The newest purchase of this entity, asked for when there is no access: what became of the last one, and of that of this page. */
  const newest = useQuery({
    ...atOnce,
    queryKey: ['purchases', user, 'of', entityId],
    queryFn:
      user !== null && hasAccess === false
        ? async () => (await client.purchases.list.query({ entityId, pageSize: 1 })).items[0] ?? null
        : skipToken,
    refetchInterval: ({ state: { data } }) => (created || (data && waitsFor(data)) ? lookAgain : false),
    // It is asked again whenever access has gone.
    staleTime: 0,
  })

  const { data: last = null } = newest
  /** Another page of the user's has begun anew: then the checkout of this one is closed. Ids of purchases are in the order of their making. */
  const replaced = created?.success && last !== null && last.purchaseId > created.purchaseId ? created.purchaseId : null
  const before = useQuery({
    ...atOnce,
    queryKey: ['purchases', user, 'one', replaced],
    queryFn: replaced === null ? skipToken : () => client.purchases.get.query({ id: replaced }),
    refetchInterval: ({ state: { data } }) => (data?.status === 'Pending' ? lookAgain : false),
  })
  useOtherPages(user, last && `${last.purchaseId} ${last.status} ${last.processing}`)

  const leave = useCallback(() => {
    reset()
    setPaidFor(null)
  }, [reset])
  // When access has come and gone, nothing is under way.
  useLayoutEffect(() => (hasAccess ? leave : undefined), [hasAccess, leave])

  const stepNow = (): PurchaseStep => {
    if (access.data?.hasAccess) {
      // Access may be told before the form says that it is done.
      const bought = created?.success === true || created?.hasAccess === true
      return { step: 'open', bought, expiresAt: access.data.expiresAt }
    }
    if (isPending) return { step: 'creating' }
    if (error) return { step: 'failed', error, retry: () => variables !== undefined && create.mutate(variables) }
    if (created?.success) {
      const { purchaseId } = created
      const ours = last?.purchaseId === purchaseId ? last : null
      const current = replaced === null ? ours : last
      const reason = current && waitsFor(current)
      if (reason) return { step: 'waiting', purchaseId: current.purchaseId, reason }
      const mine = replaced === null ? ours : before.data
      if (mine && mine.status !== 'Pending' && mine.status !== 'Completed') return { step: 'ended', purchase: mine }
      if (paid || mine?.status === 'Completed') return { step: 'opening' }
      return { step: 'checkout', purchaseId, clientSecret: created.clientSecret }
    }
    if (created?.hasAccess) return { step: 'opening' }
    if (user === null) return { step: 'offer', last: null }
    if (access.isLoadingError) return { step: 'failed', error: access.error, retry: () => void access.refetch() }
    if (access.isPending || newest.isLoading) return { step: 'loading' }
    const reason = last && waitsFor(last)
    if (reason) return { step: 'waiting', purchaseId: last.purchaseId, reason }
    // What the create said holds for as long as nothing newer is known.
    if (created && !(last?.purchaseId === created.purchaseId && last.status !== 'Pending')) {
      return { step: 'waiting', purchaseId: created.purchaseId, reason: created.reason }
    }
    return { step: 'offer', last }
  }

  return {
    ...stepNow(),
    buy: (payToViewProductId) => {
      const wanted = { payToViewProductId, entityId, returnUrl: returnUrl ?? window.location.href }
      create.mutate({ of, send: () => client.purchases.create.mutate(wanted), accessKey: ['access', user, entityId] })
    },
    completed: () => setPaidFor(of),
    leave,
  }
}
