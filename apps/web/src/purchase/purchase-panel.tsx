import { usePurchase } from '@pay-to-view/react'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useLocation } from 'wouter'
import type { Product } from './price-list.tsx'
import { PurchaseStepView } from './purchase-step-view.tsx'

interface PurchasePanelProps {
  entityId: string
  title: string
  products: Product[]
}

/** Everything to buy one entity, from the prices to the moment that access is granted. */
export const PurchasePanel = ({ entityId, title, products }: PurchasePanelProps) => {
  const [, navigate] = useLocation()
  const queries = useQueryClient()
  const panel = useRef<HTMLDivElement>(null)
  const purchase = usePurchase(entityId)
  const { step } = purchase
  const justPurchased = purchase.step === 'unlocked' && purchase.justPurchased
  useEffect(() => {
    if (justPurchased) navigate(`/watch/${entityId}`)
  }, [justPurchased, entityId, navigate])
  // A new step removes the element that had the focus, such as the button that was clicked.
  useEffect(() => {
    if (step !== 'loading' && document.activeElement === document.body)
      panel.current?.focus({ preventScroll: step !== 'checkout' })
  }, [step])
  // The product may have changed its price or been archived since the page was loaded.
  useEffect(() => {
    if (step === 'checkout' || step === 'failed') void queries.invalidateQueries({ queryKey: ['entity', entityId] })
  }, [step, entityId, queries])
  return (
    <section className="purchase-panel" ref={panel} tabIndex={-1} aria-label="Purchase">
      <PurchaseStepView entityId={entityId} title={title} products={products} purchase={purchase} />
    </section>
  )
}
