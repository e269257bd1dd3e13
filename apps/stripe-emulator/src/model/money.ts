/** The currencies in which Stripe charges (its page "Supported currencies"). */
const CURRENCIES =
  'usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar zmw'.split(
    ' ',
  )

export const currencyError = (currency: string): string | undefined =>
  CURRENCIES.includes(currency.toLowerCase())
    ? undefined
    : `Invalid currency: ${currency}. Stripe currently supports these currencies: ${CURRENCIES.join(', ')}`

/** Stripe's page "Supported currencies": "Zero-decimal currencies" (UGX is among its special cases: two digits) and "Three-decimal currencies". */
const ZERO_DECIMAL = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '))
const THREE_DECIMAL = new Set(['bhd', 'jod', 'kwd', 'omr', 'tnd'])

/** Minimum charge amounts in minor units (Stripe's page "Minimum and maximum charge amounts"); 50 for currencies not listed here. */
const MINIMUM: Record<string, number> = {
  aed: 200,
  bgn: 100,
  czk: 1500,
  dkk: 250,
  gbp: 30,
  hkd: 400,
  huf: 17500,
  mxn: 1000,
  myr: 200,
  nok: 300,
  pln: 200,
  ron: 200,
  sek: 300,
  thb: 1000,
}

export const minimumChargeAmount = (currency: string): number => MINIMUM[currency] ?? 50

const decimals = (currency: string): number => (ZERO_DECIMAL.has(currency) ? 0 : THREE_DECIMAL.has(currency) ? 3 : 2)

/** "4.99 USD" */
export const formatAmount = (amount: number, currency: string): string =>
  `${(amount / 10 ** decimals(currency)).toFixed(decimals(currency))} ${currency.toUpperCase()}`

/** "$4.99", the format of Stripe's messages. */
export const formatCurrency = (amount: number, currency: string): string =>
  new Intl.NumberFormat('en-US', { style: 'currency', currency: currency.toUpperCase() }).format(
    amount / 10 ** decimals(currency),
  )
