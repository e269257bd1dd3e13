// Source: Stripe's "Supported currencies". Intl differs: it has no digits for HUF, COP and ISK, whose Stripe amounts have two.
const zeroDecimal = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '))
const threeDecimal = new Set(['bhd', 'jod', 'kwd', 'omr', 'tnd'])
/** Stripe has two decimals for these but accepts only whole amounts. */
const wholeAmountsOnly = new Set(['isk', 'ugx'])

/** Digits after the decimal point of a Stripe amount: 2 for usd, 0 for jpy, 3 for kwd. */
export const fractionDigits = (currency: string): number => (zeroDecimal.has(currency) ? 0 : threeDecimal.has(currency) ? 3 : 2)

/** The number of minor units of which Stripe accepts only multiples. */
export const smallestStep = (currency: string): number =>
  threeDecimal.has(currency) ? 10 : wholeAmountsOnly.has(currency) ? 100 : 1

/** `499, 'usd'` -> `4.99 USD`. The same in every locale, for summaries and logs. */
export const formatMoney = (amount: number, currency: string): string =>
  `${(amount / 10 ** fractionDigits(currency)).toFixed(fractionDigits(currency))} ${currency.toUpperCase()}`
