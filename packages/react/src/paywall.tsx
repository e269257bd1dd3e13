'use client'

import type { ReactNode } from 'react'
import { EmbeddedPurchase } from './embedded-purchase.tsx'
import { type Purchase, type PurchaseOptions, usePurchase } from './use-purchase.ts'

export interface PaywallProps extends PurchaseOptions {
  entityId: string
  /** Renders what to show instead of the children, depending on `purchase.step`. The paywall itself renders the checkout. */
  locked: (purchase: Purchase) => ReactNode
  /** Shown only with access. */
  children: ReactNode
}

/**
 * Shows its children to users with access, and lets other users buy the entity. A paywall only hides a page: protect the media itself with playback
 * tokens where it is served (docs/integration.md).
 */
export const Paywall = ({ entityId, locked, children, ...options }: PaywallProps): ReactNode => {
  const purchase = usePurchase(entityId, options)
  if (purchase.step === 'unlocked') return children
  if (purchase.step !== 'checkout') return locked(purchase)
  return (
    <EmbeddedPurchase key={purchase.purchaseId} clientSecret={purchase.clientSecret} onComplete={purchase.completeCheckout} />
  )
}
