/**
 * Standard rates in percent, as a simplification. Real rates depend on the product and, in some countries, on the region.
 */
export const EU_RATES: Record<string, number> = {
  AT: 20,
  BE: 21,
  BG: 20,
  CY: 19,
  CZ: 21,
  DE: 19,
  DK: 25,
  EE: 24,
  ES: 21,
  FI: 25.5,
  FR: 20,
  GR: 24,
  HR: 25,
  HU: 27,
  IE: 23,
  IT: 22,
  LT: 21,
  LU: 17,
  LV: 21,
  MT: 18,
  NL: 21,
  PL: 23,
  PT: 23,
  RO: 21,
  SE: 25,
  SI: 22,
  SK: 23,
}

/** A country that is not listed has a rate of 0. This includes the US, because most states do not tax digital goods. */
export const OTHER_RATES: Record<string, number> = { AU: 10, CH: 8.1, GB: 20, JP: 10, NO: 25, NZ: 15, SG: 9 }
