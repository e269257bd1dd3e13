import { type BuyOptions, type Purchase, type PurchaseItem, pendingReason } from '@pay-to-view/react'
import { promotionCodeSent } from '../money/promotion-code.ts'

/** Whether the checkout of a purchase can still be paid. */
export const isPayable = (purchase: PurchaseItem): boolean => purchase.status === 'Pending' && pendingReason(purchase) === null

/** The `buy` options with which the server returns the purchase's open checkout instead of creating another one. */
const checkoutOptions = ({ currency, promotionCode, consent }: PurchaseItem): BuyOptions => ({
  currency,
  promotionCode: promotionCode ?? undefined,
  // The buyer has already given consent for this checkout.
  ...(consent && { consent: { immediateAccess: true, withdrawalWaived: true, version: consent.version } }),
})

/** Reopens a purchase's checkout. */
export const reopen = (buy: Purchase['buy'], purchase: PurchaseItem, options: BuyOptions = {}): void => {
  promotionCodeSent(purchase.promotionCode ?? undefined)
  buy(purchase.payToViewProductId, { ...checkoutOptions(purchase), ...options })
}

/** The browser history state of a page that opens a purchase's checkout. */
export const checkoutState = (purchaseId: string): { checkout: string } => ({ checkout: purchaseId })

/** The purchase whose checkout the current browser history entry shows. The history state survives a reload. */
export const currentCheckout = (): unknown => window.history.state?.checkout

export const setCurrentCheckout = (purchaseId: string | null): void =>
  window.history.replaceState({ ...window.history.state, checkout: purchaseId }, '')
