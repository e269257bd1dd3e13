/** The acknowledgements of a buyer before a payment where CONSENT=eu. Both are asked for separately, and neither is ticked in advance. */
export interface ConsentTerms {
  /** Changes with the texts. Stored with each purchase. */
  version: string
  texts: {
    /** The request to start before the withdrawal period ends. */
    immediateAccess: string
    /** The acknowledgement that the right of withdrawal is lost. */
    withdrawalWaived: string
  }
}

/** The texts are only here. If you change one, change the version too, and keep a copy of the earlier texts. */
export const consentTerms: ConsentTerms = {
  version: '2026-11-30',
  texts: {
    immediateAccess: 'I ask for access right away, before the withdrawal period of 14 days ends.',
    withdrawalWaived: 'I know that I lose my right of withdrawal when I start to watch.',
  },
}

/** The names of the two acknowledgements. */
export const acknowledgements = ['immediateAccess', 'withdrawalWaived'] as const satisfies (keyof ConsentTerms['texts'])[]
