import type { EmailType } from '@pay-to-view/purchase'

/** The data of an e-mail. Money is in minor units of `currency`. */
export interface MailData {
  type: EmailType
  /** The title of the entity, and the name of the product. */
  title: string
  /** The title of what was bought, if the entity is only a part of it. */
  container: string | null
  product: string
  purchaseId: string
  currency: string
  price: MailPrice
  paidAt: Date | null
  /** The buyer's consent to the immediate start, with the version of its texts; null where CONSENT is off. */
  consent: { at: Date; version: string } | null
  /** When the buyer withdrew from the contract. */
  withdrawnAt: Date | null
  access: MailAccess | null
  /** The time that the e-mail is about: of a live event, or of the end of the access. */
  at: Date | null
  /** The amount that was refunded, or will be because of a cancellation; 0 for a free order. */
  refund: number | null
  /** Stripe's pages. */
  receiptUrl: string | null
  invoiceUrl: string | null
}

/** The parts of what was paid. */
export interface MailPrice {
  subtotal: number
  discount: number
  promotionCode: string | null
  tax: number
  isTaxIncluded: boolean
  total: number
  refunded: number
}

export interface MailAccess {
  isActive: boolean
  startsAt: Date
  /** Null for permanent access. Before its first playback, the end of the time in which a rental can be started. */
  expiresAt: Date | null
  /** Hours to watch a rental after its first playback; null for other access, and once it was played. */
  watchWithinHours: number | null
}

/** How the site appears in its e-mails. */
export interface MailSite {
  name: string
  /** Where its users watch; null: e-mails have no link. */
  url: string | null
  /** A color of CSS: of the heading and the button. */
  color: string
  /** The seller, with the postal address. */
  address: string | null
  termsUrl: string | null
}
