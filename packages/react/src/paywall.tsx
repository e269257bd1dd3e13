'use client'

import type { ReactNode } from 'react'
import { EmbeddedPurchase } from './embedded-purchase.tsx'
import { type Purchase, usePurchase } from './use-purchase.ts'

export interface PaywallProps {
  entityId: string
  /** What is shown in place of the children, by `purchase.step`; the checkout itself is shown by the paywall. */
  locked: (purchase: Purchase) => ReactNode
  /** What access opens. */
  children: ReactNode
}

/**
 * Shows its children to whoever has access, and lets others buy. It hides a page, not a film: what must not be had without access is
 * guarded where it is served, by a playback token (docs/integration.md).
 */
export const Paywall = ({ entityId, locked, children }: PaywallProps): ReactNode => {
  const purchase = usePurchase(entityId)
  if (purchase.step === 'open') return children
  if (purchase.step !== 'checkout') return locked(purchase)
  return <EmbeddedPurchase key={purchase.purchaseId} clientSecret={purchase.clientSecret} onComplete={purchase.completed} />
}
