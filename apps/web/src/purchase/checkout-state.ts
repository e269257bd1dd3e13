import { type BuyOptions, type Purchase, type PurchaseItem, pendingReason } from '@pay-to-view/react'
import { promotionCodeSent } from '../money/promotion-code.ts'

/** Whether the checkout of a purchase can still be paid. */
export const isPayable = (purchase: PurchaseItem): boolean => purchase.status === 'Pending' && pendingReason(purchase) === null

/** The options that make `buy` return a purchase's open checkout. */
const checkoutOptions = ({ currency, promotionCode, consent }: PurchaseItem): BuyOptions => ({
  currency,
  promotionCode: promotionCode ?? undefined,
  // The consent that the buyer has given for this checkout.
  ...(consent && { consent: { immediateAccess: true, withdrawalWaived: true, version: consent.version } }),
})

/** Opens the checkout of a purchase again. */
export const reopen = (buy: Purchase['buy'], purchase: PurchaseItem, options: BuyOptions = {}): void => {
  promotionCodeSent(purchase.promotionCode ?? undefined)
  buy(purchase.payToViewProductId, { ...checkoutOptions(purchase), ...options })
}

/** The state of a browser history entry whose page opens a purchase's checkout. */
export const checkoutState = (purchaseId: string): { checkout: string } => ({ checkout: purchaseId })

/** The purchase whose checkout this entry of the browser's history shows. This state survives a reload. */
export const currentCheckout = (): unknown => window.history.state?.checkout

export const setCurrentCheckout = (purchaseId: string | null): void =>
  window.history.replaceState({ ...window.history.state, checkout: purchaseId }, '')
