import type { Snapshot } from '@pay-to-view/purchase'

/** Stripe's pages of an invoice show the user's name and address. The number of the invoice is kept for the accounts. */
export const withoutInvoiceLinks = (snapshot: Snapshot): Snapshot =>
  snapshot.kind === 'session' && snapshot.invoice
    ? { ...snapshot, invoice: { ...snapshot.invoice, url: null, pdfUrl: null } }
    : snapshot

/** Whether a user id is the pseudonym of an erased user. */
export const isPseudonym = (userId: string): boolean => /^forgotten_[0-9a-z]{26}$/.test(userId)
