'use client'

import type { ReactNode } from 'react'
import { ConsentFields } from './consent-fields.tsx'
import { EmbeddedPurchase } from './embedded-purchase.tsx'
import { useConsent, useConsentTerms } from './use-consent.ts'
import { type Purchase, type PurchaseOptions, usePurchase } from './use-purchase.ts'

export interface PaywallProps extends PurchaseOptions {
  entityId: string
  /** Renders the content that replaces the children, depending on `purchase.step`. The paywall itself renders the checkout. */
  locked: (purchase: Purchase) => ReactNode
  /** False if `locked` itself renders the acknowledgments (`useConsent`) that the server requires. */
  consentFields?: boolean
  /** Shown only to users with access. */
  children: ReactNode
}

/**
 * Shows its children to users with access, and lets other users buy the entity. The paywall hides only page content, so protect
 * the media itself with playback tokens (docs/integration.md).
 */
export const Paywall = ({ entityId, locked, consentFields = true, children, ...options }: PaywallProps): ReactNode => {
  const purchase = usePurchase(entityId, options)
  const terms = useConsentTerms()
  const isRejected = purchase.step === 'failed' && purchase.rejection?.code === 'consent_required'
  const consent = useConsent(consentFields ? terms : null, { isRejected })
  if (purchase.step === 'unlocked') return children
  if (purchase.step !== 'checkout') {
    const isOffered = purchase.step === 'offer' || (purchase.step === 'failed' && purchase.rejection !== null)
    const buy: Purchase['buy'] = (id, { consent: given = consent.value, ...others } = {}) => {
      if (given !== undefined || !isOffered || consent.check()) purchase.buy(id, { ...others, ...(given && { consent: given }) })
    }
    return (
      <>
        {isOffered && <ConsentFields consent={consent} />}
        {locked({ ...purchase, buy })}
      </>
    )
  }
  return (
    <EmbeddedPurchase key={purchase.purchaseId} clientSecret={purchase.clientSecret} onComplete={purchase.completeCheckout} />
  )
}
