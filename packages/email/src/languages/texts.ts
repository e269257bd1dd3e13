/** The texts of one e-mail. `{title}`, `{container}`, `{product}`, `{site}`, `{amount}`, `{time}`, `{hours}` and `{duration}` are replaced. */
export interface MailTexts {
  subject: string
  heading: string
  paragraphs: string[]
}

/** The names of the e-mails. Some message types have several e-mails. */
export const mailNames = [
  'purchaseCompleted',
  'withdrawn',
  'refunded',
  'partlyRefunded',
  'takenBack',
  'accessEnding',
  'rentalNotStarted',
  'eventStarting',
  'eventMoved',
  'eventCanceled',
  'freeEventCanceled',
  'partCanceled',
] as const
export type MailName = (typeof mailNames)[number]

/** All texts of a language. To add a language, add a file to this folder and a line to index.ts. */
export interface Language {
  mails: Record<MailName, MailTexts>
  labels: Labels
}

export interface Labels {
  item: string
  product: string
  order: string
  date: string
  subtotal: string
  discount: string
  /** Contains `{code}`. */
  discountWithCode: string
  tax: string
  includedTax: string
  total: string
  refund: string
  consent: string
  /** Contains `{time}` and `{version}`. */
  consentGiven: string
  withdrawn: string
  starts: string
  expires: string
  /** The label of permanent access, whose value is `permanent`. */
  access: string
  permanent: string
  startBy: string
  watchWithin: string
  /** Contains `{hours}`, or `{duration}` such as `48 hours`. */
  hours: string
  watch: string
  receipt: string
  invoice: string
  terms: string
}
