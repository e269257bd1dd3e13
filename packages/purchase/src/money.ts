// The source of all rules in this file is Stripe's "Supported currencies" page, as of October 2026.

/** Stripe's presentment currencies. An account may support fewer currencies, depending on its country. */
const presentmentCurrencies = new Set(
  (
    'usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf clp cny cop crc cve czk djf dkk ' +
    'dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp ' +
    'lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf ' +
    'sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar zmw'
  ).split(' '),
)

// Intl is not used, because it has no decimals for HUF, COP and ISK, while Stripe's amounts in these currencies have two.
const zeroDecimal = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '))
const threeDecimal = new Set(['bhd', 'jod', 'kwd', 'omr', 'tnd'])
/** In Stripe's API, amounts in these currencies have two decimals, which must be zero. */
const wholeAmountsOnly = new Set(['isk', 'ugx'])

/** The documented minimum charge amounts in minor units. */
const minimumCharges: Partial<Record<string, number>> = {
  ...{ usd: 50, aed: 200, ars: 50, aud: 50, brl: 50, cad: 50, chf: 50, cop: 50, czk: 1500, dkk: 250, eur: 50, gbp: 30, hkd: 400 },
  ...{ huf: 17_500, idr: 50, ils: 50, inr: 50, jpy: 50, krw: 50, mxn: 1000, myr: 200, nok: 300, nzd: 50, php: 50, pln: 200 },
  ...{ ron: 200, rub: 50, sek: 300, sgd: 50, thb: 1000, zar: 50 },
}

/**
 * The minimum in minor units for the other currencies. Stripe documents none: the minimum of the account's settlement currency applies after
 * conversion, which only Stripe can check. An amount below 50 would be less than that in almost every currency.
 */
const undocumentedMinimumCharge = 50

/** Stripe accepts amounts of at most eight digits in minor units. */
export const maximumCharge = 99_999_999

/** Returns the number of decimals of a Stripe amount: 2 for usd, 0 for jpy, 3 for kwd. */
export const fractionDigits = (currency: string): number => (zeroDecimal.has(currency) ? 0 : threeDecimal.has(currency) ? 3 : 2)

/** Returns the smallest step between amounts in minor units. Stripe accepts only multiples of this step. */
export const smallestStep = (currency: string): number =>
  threeDecimal.has(currency) ? 10 : wholeAmountsOnly.has(currency) ? 100 : 1

/** Whether Stripe can charge in a currency, given as a lowercase ISO 4217 code. */
export const isSupportedCurrency = (currency: string): boolean => presentmentCurrencies.has(currency)

export interface Price {
  /** The amount in minor units. */
  amount: number
  currency: string
}

/** The reason why Stripe cannot charge a price. Limits are in minor units. */
export type PriceRejection =
  | { rejected: 'unsupported_currency' }
  | { rejected: 'below_minimum'; minimum: number }
  | { rejected: 'above_maximum'; maximum: number }
  | { rejected: 'not_a_multiple'; step: number }

/** Returns the smallest amount in minor units that can be charged, as far as it is known. */
export const minimumCharge = (currency: string): number =>
  Math.max(minimumCharges[currency] ?? undocumentedMinimumCharge, smallestStep(currency))

/** Checks a price against Stripe's rules. */
export const checkPrice = ({ amount, currency }: Price): PriceRejection | null => {
  if (!isSupportedCurrency(currency)) return { rejected: 'unsupported_currency' }
  const step = smallestStep(currency)
  const minimum = minimumCharge(currency)
  if (amount < minimum) return { rejected: 'below_minimum', minimum }
  if (amount > maximumCharge) return { rejected: 'above_maximum', maximum: maximumCharge }
  return amount % step === 0 ? null : { rejected: 'not_a_multiple', step }
}

/**
 * Formats `499, 'usd'` as `4.99`. The format is the same in every locale, and `parseAmount` is the inverse. A third decimal of 0 is
 * omitted, because `1.250` could be read as 1250; Stripe does not accept other third decimals.
 */
export const formatAmount = (amount: number, currency: string): string => {
  const digits = fractionDigits(currency)
  return (amount / 10 ** digits).toFixed(amount % 10 === 0 ? Math.min(digits, 2) : digits)
}

/** Formats `499, 'usd'` as `4.99 USD`, for summaries and logs. The format is the same in every locale. */
export const formatMoney = (amount: number, currency: string): string => {
  const digits = fractionDigits(currency)
  return `${(amount / 10 ** digits).toFixed(digits)} ${currency.toUpperCase()}`
}

/**
 * Parses `4.99` or `4,99` to minor units. Returns null if the string is not a valid amount of the currency, or if the separator could be a
 * thousands separator: `1.250` and `1,250` can mean 1250 or 1.25, even in a currency with three decimals.
 */
export const parseAmount = (text: string, currency: string): number | null => {
  const digits = fractionDigits(currency)
  const [, whole = '', fraction = ''] = /^(\d{1,9})(?:[.,](\d+))?$/.exec(text.trim()) ?? []
  const isAmbiguous = fraction.length === 3 && hasThousandsSeparator(text)
  return whole === '' || fraction.length > digits || isAmbiguous ? null : Number(whole + fraction.padEnd(digits, '0'))
}

/** Whether a string looks like a number with thousands separators. */
export const hasThousandsSeparator = (text: string): boolean =>
  /^[1-9]\d{0,2}([.,' \u00a0\u202f\u2019]\d{3})+([.,]\d*)?$/.test(text.trim())
