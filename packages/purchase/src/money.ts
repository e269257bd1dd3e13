const digits = new Map<string, number>()

/** Digits after the decimal point of a currency, by ISO 4217 as Intl knows it: 2 for usd, 0 for jpy. Asking Intl takes long: asked once. */
export const fractionDigits = (currency: string): number => {
  const known = digits.get(currency)
  if (known !== undefined) return known
  const { maximumFractionDigits = 2 } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
  digits.set(currency, maximumFractionDigits)
  return maximumFractionDigits
}

/** `499, 'usd'` -> `4.99 USD`: for summaries and logs, the same in every locale. */
export const formatMoney = (amount: number, currency: string): string =>
  `${(amount / 10 ** fractionDigits(currency)).toFixed(fractionDigits(currency))} ${currency.toUpperCase()}`
