import type { Outputs } from '@pay-to-view/client'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { usePayToView } from './provider.tsx'
import { useAccess } from './use-access.ts'

type Created = Outputs['purchases']['create']

/** Why there is neither a checkout nor access now. */
export type WaitingReason = Extract<Created, { reason: string }>['reason']

/** How far a purchase is on this page. */
export type PurchaseStep =
  /** Nothing is under way: show the prices. */
  | { step: 'offer' }
  /** The checkout is being made. */
  | { step: 'creating' }
  /** Show `<EmbeddedPurchase>`. */
  | { step: 'checkout'; purchaseId: string; clientSecret: string }
  /** The form is done, and access is on its way: in a second for a card, in days for some banks. */
  | { step: 'opening' }
  | { step: 'waiting'; purchaseId: string; reason: WaitingReason }
  /** `bought`: it opened on this page, a moment ago. */
  | { step: 'open'; bought: boolean; expiresAt: string | null }
  /** No checkout was made: `problemOf(error)` says why, `retry` tries again. */
  | { step: 'failed'; error: Error; retry: () => void }

export type Purchase = PurchaseStep & {
  /** Makes a checkout, or finds the one that is open. */
  buy: (payToViewProductId: string) => void
  /** The embedded checkout is done. */
  completed: () => void
  /** Back to the prices. */
  leave: () => void
}

/** Buying one entity, from the price to the moment that access is there. `returnUrl` is this page if not given. */
export const usePurchase = (entityId: string, { returnUrl }: { returnUrl?: string } = {}): Purchase => {
  const { client } = usePayToView()
  const [paid, setPaid] = useState(false)
  const access = useAccess(entityId, { urgent: paid })
  const create = useMutation({
    mutationFn: (payToViewProductId: string) =>
      client.purchases.create.mutate({ payToViewProductId, entityId, returnUrl: returnUrl ?? window.location.href }),
    onSuccess: (created) => {
      if (created.hasAccess) void access.refetch()
    },
  })

  const stepNow = (): PurchaseStep => {
    const { data: created, error, variables } = create
    if (access.data?.hasAccess) {
      return { step: 'open', bought: paid || created?.hasAccess === true, expiresAt: access.data.expiresAt }
    }
    if (paid) return { step: 'opening' }
    if (create.isPending) return { step: 'creating' }
    if (error) return { step: 'failed', error, retry: () => variables !== undefined && create.mutate(variables) }
    if (created?.success) return { step: 'checkout', purchaseId: created.purchaseId, clientSecret: created.clientSecret }
    if (created && 'reason' in created) return { step: 'waiting', purchaseId: created.purchaseId, reason: created.reason }
    return { step: 'offer' }
  }

  return { ...stepNow(), buy: (id) => create.mutate(id), completed: () => setPaid(true), leave: () => create.reset() }
}
