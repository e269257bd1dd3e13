import { type ConsentTerms, type Purchase, type PurchaseItem, useAccess, usePurchase } from '@pay-to-view/react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { useEntityRefresh } from '../catalog/use-entity.ts'
import { useShop, useUser } from '../context.tsx'
import { promotionCodeUsed } from '../money/promotion-code.ts'
import { watchPath } from '../paths.ts'
import { currentCheckout, isPayable, reopen, setCurrentCheckout } from './checkout-state.ts'
import type { Product } from './product.ts'
import { PurchaseStepView } from './purchase-step-view.tsx'

interface PurchasePanelProps {
  entityId: string
  title: string
  products: Product[]
  /** Why the entity cannot be bought now, or null. */
  notOnSale: string | null
  /** When the entity was canceled, or null. */
  canceledAt: string | null
  /** When playback becomes available, if the entity can be bought earlier; otherwise null. */
  opensAt: string | null
  /** The acknowledgments that the buyer must give, or null if the site requires none. */
  consentTerms: ConsentTerms | null
}

/** The complete purchase flow for one entity, from the prices to access. */
export const PurchasePanel = ({ entityId, ...shown }: PurchasePanelProps) => {
  const [, navigate] = useLocation()
  const queries = useQueryClient()
  const panel = useRef<HTMLDivElement>(null)
  const purchase = usePurchase(entityId)
  useEntityRefresh(entityId, useAccess(entityId).data)
  const { step } = purchase
  const justPurchased = (step === 'unlocked' || step === 'upcoming') && purchase.justPurchased
  useEffect(() => {
    if (!justPurchased) return
    promotionCodeUsed()
    navigate(watchPath(entityId))
  }, [justPurchased, entityId, navigate])
  const hadFocus = useRef(false)
  useEffect(() => {
    if (!hadFocus.current) return
    // A new step removes the element that had the focus, such as the button that was clicked.
    if (document.activeElement === document.body) panel.current?.focus({ preventScroll: true })
    const { top = 0 } = panel.current?.getBoundingClientRect() ?? {}
    const isOutOfView = top < 0 || top > window.innerHeight / 4
    if (step === 'checkout' && isOutOfView) panel.current?.scrollIntoView()
  }, [step])
  useReopenedCheckout(purchase)
  // Since the page was loaded, the price may have changed, the product may have been withdrawn, or the event may have been canceled.
  useEffect(() => {
    if (step === 'checkout' || step === 'failed' || step === 'ended')
      void queries.invalidateQueries({ queryKey: ['entity', entityId] })
  }, [step, entityId, queries])
  return (
    <section
      className="purchase-panel"
      ref={panel}
      tabIndex={-1}
      aria-label="Purchase"
      onFocus={() => {
        hadFocus.current = true
      }}
    >
      <PurchaseStepView
        entityId={entityId}
        {...shown}
        purchase={{
          ...purchase,
          reset: () => {
            setCurrentCheckout(null)
            purchase.reset()
          },
        }}
      />
    </section>
  )
}

/** Reopens the checkout after a reload, or after "Continue checkout" on another page. */
const useReopenedCheckout = (purchase: Purchase): void => {
  const { buy } = purchase
  const checkoutId = purchase.step === 'checkout' ? purchase.purchaseId : null
  const lastPurchase = purchase.step === 'offer' ? purchase.lastPurchase : null
  const renewal = useOpenRenewal(purchase)
  useEffect(() => {
    if (checkoutId !== null) setCurrentCheckout(checkoutId)
  }, [checkoutId])
  useEffect(() => {
    if (lastPurchase && isPayable(lastPurchase) && currentCheckout() === lastPurchase.purchaseId) reopen(buy, lastPurchase)
  }, [lastPurchase, buy])
  useEffect(() => {
    if (renewal && isPayable(renewal)) reopen(buy, renewal, { renew: true })
  }, [renewal, buy])
}

/** The purchase whose checkout this page showed before a reload. It is fetched only if the user has access, so the purchase must be a renewal. */
const useOpenRenewal = ({ step }: Purchase): PurchaseItem | undefined => {
  const { client } = useShop()
  const user = useUser()
  const isOwned = step === 'unlocked' || step === 'upcoming'
  /** Read only on the first render, so a renewal that is started on this page is not reopened. */
  const [id] = useState(currentCheckout)
  const purchase = useQuery({
    queryKey: ['open-renewal', user, id],
    queryFn: () => client.purchases.get.query({ id: String(id) }),
    enabled: isOwned && typeof id === 'string',
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  })
  return purchase.data
}
