import { type Purchase, usePurchase } from '@pay-to-view/react'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useLocation } from 'wouter'
import { watchPath } from '../paths.ts'
import { checkoutOptions, currentCheckout, isPayable, setCurrentCheckout } from './checkout-state.ts'
import type { Product } from './product.ts'
import { PurchaseStepView } from './purchase-step-view.tsx'

interface PurchasePanelProps {
  entityId: string
  title: string
  products: Product[]
  /** Why it cannot be bought now, or null. */
  notOnSale: string | null
}

/** The whole purchase of one entity, from the prices to access. */
export const PurchasePanel = ({ entityId, title, products, notOnSale }: PurchasePanelProps) => {
  const [, navigate] = useLocation()
  const queries = useQueryClient()
  const panel = useRef<HTMLDivElement>(null)
  const purchase = usePurchase(entityId)
  const { step } = purchase
  const justPurchased = purchase.step === 'unlocked' && purchase.justPurchased
  useEffect(() => {
    if (justPurchased) navigate(watchPath(entityId))
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
  // Since the page was loaded, the price may have changed or the product may have been withdrawn.
  useEffect(() => {
    if (step === 'checkout' || step === 'failed') void queries.invalidateQueries({ queryKey: ['entity', entityId] })
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
        title={title}
        products={products}
        notOnSale={notOnSale}
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

/** Opens the checkout again after a reload, or after "Continue payment" on another page. */
const useReopenedCheckout = (purchase: Purchase): void => {
  const { buy } = purchase
  const checkoutId = purchase.step === 'checkout' ? purchase.purchaseId : null
  const payable =
    purchase.step === 'offer' && purchase.lastPurchase && isPayable(purchase.lastPurchase) ? purchase.lastPurchase : null
  useEffect(() => {
    if (checkoutId !== null) setCurrentCheckout(checkoutId)
  }, [checkoutId])
  useEffect(() => {
    if (payable && currentCheckout() === payable.purchaseId) buy(payable.payToViewProductId, checkoutOptions(payable))
  }, [payable, buy])
}
