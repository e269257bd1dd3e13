import type { EmailType } from '@pay-to-view/purchase'

/** The data of an e-mail. Money is in minor units of `currency`. */
export interface MailData {
  type: EmailType
  /** The entity's title. */
  title: string
  /** The title of the purchased container, if the entity is only a member of it. */
  container: string | null
  product: string
  purchaseId: string
  entityId: string
  currency: string
  price: MailPrice
  paidAt: Date | null
  /** The buyer's consent to immediate access, with the version of the texts; null if CONSENT is off. */
  consent: { at: Date; version: string } | null
  /** The time at which the buyer withdrew from the contract. */
  withdrawnAt: Date | null
  access: MailAccess | null
  /** The time that the e-mail is about: when a live event starts, when access ends, or when the buyer withdrew. */
  at: Date | null
  /** The amount that was refunded, or that will be refunded because of a cancellation or a withdrawal; 0 for a free order. */
  refund: number | null
  /** The URL of Stripe's receipt page. */
  receiptUrl: string | null
  invoiceUrl: string | null
}

/** The amount paid with its parts, and the amount refunded. */
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
  /** Null for permanent access. For a rental that has not been played, the deadline for starting it. */
  expiresAt: Date | null
  /** The number of hours for which a rental can be watched after its first playback. Null for other access, and after the first playback. */
  watchWithinHours: number | null
}

/** The site's name and appearance in its e-mails. */
export interface MailSite {
  name: string
  /** The page on which users watch, with `{entityId}` for the entity's id; if null, e-mails have no button. */
  url: string | null
  /** The CSS color of the line below the site's name, the button and the links. */
  color: string
  /** The seller, with the postal address. */
  address: string | null
  termsUrl: string | null
}
