import { type PriceParts, type PurchaseItem, priceParts } from '@pay-to-view/react'
import { formatMoney } from '../format.ts'

/** The amount that was paid, such as `$4.99`, or `Free`. */
export const formatTotal = ({ total, currency }: Pick<PriceParts, 'total' | 'currency'>): string =>
  total === 0 ? 'Free' : formatMoney(total, currency)

/** The lines that add up to a purchase's total. Empty if the total equals the price. */
export const priceLines = (purchase: Parameters<typeof priceParts>[0]): [name: string, amount: string][] => {
  const parts = priceParts(purchase)
  if (parts === null) return []
  const { currency, subtotal, discount, promotionCode, tax, isTaxIncluded } = parts
  const lines: [name: string, amount: string][] = []
  if (discount > 0 || (tax > 0 && !isTaxIncluded)) lines.push(['Subtotal', formatMoney(subtotal, currency)])
  if (discount > 0) {
    const name = promotionCode === null ? 'Discount' : `Discount (${promotionCode})`
    lines.push([name, `−${formatMoney(discount, currency)}`])
  }
  if (tax > 0) lines.push([isTaxIncluded ? 'Included tax' : 'Tax', formatMoney(tax, currency)])
  return lines
}

/** The amount to show for a purchase in a list: the amount paid, or the price if nothing has been paid. */
export const formatAmount = (purchase: Pick<PurchaseItem, 'amount'> & Parameters<typeof priceParts>[0]): string => {
  const parts = priceParts(purchase)
  return parts === null ? formatMoney(purchase.amount, purchase.currency) : formatTotal(parts)
}
