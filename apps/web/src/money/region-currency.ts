/** The currency of each region, by ISO 3166 code. Dependent territories use their country's currency. */
const regionsByCurrency = {
  eur: 'AD AT AX BE BG BL CY DE EE ES FI FR GF GP GR HR IE IT LT LU LV MC ME MF MQ MT NL PM PT RE SI SK SM TF VA XK YT',
  usd: 'AS BQ EC FM GU IO MH MP PR PW SV TC TL UM US VG VI',
  gbp: 'GB GG GS IM JE',
  chf: 'CH LI',
  aud: 'AU CC CX KI NF NR TV',
  nzd: 'CK NU NZ PN TK',
  dkk: 'DK FO GL',
  nok: 'BV NO SJ',
  xof: 'BF BJ CI GW ML NE SN TG',
  xaf: 'CF CG CM GA GQ TD',
  xcd: 'AG AI DM GD KN LC MS VC',
  xpf: 'NC PF WF',
} as const

/** The currencies of the other regions: each entry is a region code and its currency. */
const otherCurrencies =
  'AEaed ALall AMamd ARars AZazn BAbam BDbdt BHbhd BNbnd BObob BRbrl BWbwp CAcad CLclp CNcny COcop CRcrc CZczk DOdop DZdzd EGegp ETetb ' +
  'FJfjd GEgel GHghs GTgtq HKhkd HNhnl HUhuf IDidr ILils INinr ISisk JMjmd JOjod JPjpy KEkes KHkhr KRkrw KWkwd KZkzt LBlbp LKlkr MAmad ' +
  'MDmdl MKmkd MNmnt MOmop MUmur MXmxn MYmyr NGngn NInio NPnpr OMomr PApab PEpen PHphp PKpkr PLpln PYpyg QAqar ROron RSrsd RUrub RWrwf ' +
  'SAsar SEsek SGsgd THthb TNtnd TRtry TTttd TWtwd TZtzs UAuah UGugx UYuyu UZuzs VNvnd ZAzar ZMzmw'

const currencies = new Map([
  ...Object.entries(regionsByCurrency).flatMap(([currency, regions]) =>
    regions.split(' ').map((region) => [region, currency] as const),
  ),
  ...otherCurrencies.split(' ').map((pair) => [pair.slice(0, 2), pair.slice(2)] as const),
])

const regionOf = (language: string): string | undefined => {
  try {
    return new Intl.Locale(language).maximize().region
  } catch {
    return undefined
  }
}

/**
 * Returns the currencies of the regions in a user's languages, preferred first: `de-AT, en` -> `eur, usd`. A language without a
 * region uses the region where most of its speakers live.
 */
export const currenciesOfLanguages = (languages: readonly string[]): string[] => [
  ...new Set(languages.flatMap((language) => currencies.get(regionOf(language) ?? '') ?? [])),
]
