import { type BuyOptions, type PurchaseItem, pendingReason } from '@pay-to-view/react'

/** Whether the checkout of a purchase can still be paid. */
export const isPayable = (purchase: PurchaseItem): boolean => purchase.status === 'Pending' && pendingReason(purchase) === null

/** The options that make `buy` return a purchase's open checkout. */
export const checkoutOptions = ({ currency, promotionCode, consent }: PurchaseItem): BuyOptions => ({
  currency,
  promotionCode: promotionCode ?? undefined,
  // The consent that the buyer has given for this checkout.
  ...(consent && { consent: { immediateAccess: true, withdrawalWaived: true, version: consent.version } }),
})

/** The state of a browser history entry whose page opens a purchase's checkout. */
export const checkoutState = (purchaseId: string): { checkout: string } => ({ checkout: purchaseId })

/** The purchase whose checkout this entry of the browser's history shows. This state survives a reload. */
export const currentCheckout = (): unknown => window.history.state?.checkout

export const setCurrentCheckout = (purchaseId: string | null): void =>
  window.history.replaceState({ ...window.history.state, checkout: purchaseId }, '')
