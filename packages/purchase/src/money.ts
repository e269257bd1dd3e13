// Source: Stripe's page "Supported currencies". Intl does not know it: for HUF, COP or ISK it counts no digits, where Stripe's amounts have two.
const withoutMinorUnits = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '))
const inThousandths = new Set(['bhd', 'jod', 'kwd', 'omr', 'tnd'])
const onlyWhole = new Set(['isk', 'ugx'])

/** Digits after the decimal point of an amount at Stripe: 2 for usd, 0 for jpy, 3 for kwd. */
export const fractionDigits = (currency: string): number =>
  withoutMinorUnits.has(currency) ? 0 : inThousandths.has(currency) ? 3 : 2

/** What an amount has to be a multiple of, in minor units: Stripe takes the dinars in steps of ten, ISK and UGX whole. */
export const smallestStep = (currency: string): number => (inThousandths.has(currency) ? 10 : onlyWhole.has(currency) ? 100 : 1)

/** `499, 'usd'` -> `4.99 USD`: for summaries and logs, the same in every locale. */
export const formatMoney = (amount: number, currency: string): string =>
  `${(amount / 10 ** fractionDigits(currency)).toFixed(fractionDigits(currency))} ${currency.toUpperCase()}`
