/**
 * The acknowledgments that a buyer must give before the payment if CONSENT=eu. Each acknowledgment has its own checkbox, which is
 * initially unchecked.
 */
export interface ConsentTerms {
  /** The version of the texts, which is stored with each purchase. */
  version: string
  texts: {
    /** The buyer's request to get access before the withdrawal period ends. */
    immediateAccess: string
    /** The acknowledgment that the right of withdrawal is lost. */
    withdrawalWaived: string
  }
}

/** The only definition of the texts. If you change a text, change the version too, and keep a copy of the previous texts. */
export const consentTerms: ConsentTerms = {
  version: '2026-11-30',
  texts: {
    immediateAccess: 'I ask for access right away, before the withdrawal period of 14 days ends.',
    withdrawalWaived: 'I understand that I will lose my right of withdrawal once I start watching.',
  },
}

/** The names of the two acknowledgments. */
export const acknowledgments = ['immediateAccess', 'withdrawalWaived'] as const satisfies (keyof ConsentTerms['texts'])[]
