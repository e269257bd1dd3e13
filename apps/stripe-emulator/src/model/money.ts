/** The currencies that Stripe can charge (Stripe's page "Supported currencies"). */
const CURRENCIES =
  'usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar zmw'.split(
    ' ',
  )

export const currencyError = (currency: string): string | undefined =>
  CURRENCIES.includes(currency.toLowerCase())
    ? undefined
    : `Invalid currency: ${currency}. Stripe currently supports these currencies: ${CURRENCIES.join(', ')}`

/**
 * From Stripe's page "Supported currencies", sections "Zero-decimal currencies" and "Three-decimal currencies". UGX is a special case
 * there: its amounts have two decimals.
 */
const ZERO_DECIMAL = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '))
const THREE_DECIMAL = new Set(['bhd', 'jod', 'kwd', 'omr', 'tnd'])

/** Minimum charge amounts in minor units (Stripe's page "Minimum and maximum charge amounts"). The minimum is 50 for currencies not listed here. */
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

/**
 * The smallest difference between two valid amounts, in minor units (Stripe's page "Supported currencies", special cases). For example, ISK
 * amounts must be whole krónur, and KWD amounts must be multiples of 10 fils.
 */
const STEPS: Record<string, number> = { isk: 100, ugx: 100 }
export const amountStep = (currency: string): number => STEPS[currency] ?? (THREE_DECIMAL.has(currency) ? 10 : 1)

/** Returns the reason why Stripe rejects a charge or refund of this amount, or undefined. */
export const amountError = (amount: number, currency: string): { message: string; code: string } | undefined => {
  const step = amountStep(currency)
  if (amount % step === 0) return undefined
  const name = currency.toUpperCase()
  return {
    code: 'invalid_charge_amount_no_decimal_compatible',
    message:
      step === 100
        ? `Invalid amount. Currency ${name} has become effectively zero-decimal and charged amounts must be evenly divisible by 100. See https://stripe.com/docs/currencies#special-cases for more information.`
        : `Invalid amount. The last digit of amounts in the three-decimal currency ${name} must be 0. See https://stripe.com/docs/currencies#three-decimal for more information.`,
  }
}

/** Rounds `numerator / denominator` half up to the currency's step. Both arguments are exact integers. */
export const roundToStep = (numerator: number, denominator: number, currency: string): number => {
  const step = amountStep(currency)
  return Math.floor(numerator / (denominator * step) + 0.5) * step
}

/** The value of one unit of each currency in US dollars. The emulator uses these fixed rates. */
const USD_RATES: Record<string, number> = { usd: 1, eur: 1.1, gbp: 1.3, chf: 1.15, jpy: 0.007, kwd: 3.25, aud: 0.66, cad: 0.73 }

/** Returns the exchange rate between two currencies, or undefined if the emulator has no rate for them. */
export const exchangeRate = (from: string, to: string): number | undefined => {
  const [source, target] = [USD_RATES[from], USD_RATES[to]]
  return source === undefined || target === undefined ? undefined : source / target
}

/** Converts an amount between two currencies. Amounts are in minor units. */
export const convert = (amount: number, from: string, to: string, rate: number): number =>
  Math.round(amount * rate * 10 ** (decimals(to) - decimals(from)))

const decimals = (currency: string): number => (ZERO_DECIMAL.has(currency) ? 0 : THREE_DECIMAL.has(currency) ? 3 : 2)

/** Formats an amount as "4.99 USD". */
export const formatAmount = (amount: number, currency: string): string =>
  `${(amount / 10 ** decimals(currency)).toFixed(decimals(currency))} ${currency.toUpperCase()}`

/** Formats an amount as "$4.99", as in Stripe's messages. */
export const formatCurrency = (amount: number, currency: string): string =>
  new Intl.NumberFormat('en-US', { style: 'currency', currency: currency.toUpperCase() }).format(
    amount / 10 ** decimals(currency),
  )
