import type { MailData } from './mail-data.ts'

const at = (time: string): Date => new Date(time)

const purchase: MailData = {
  type: 'email.purchase_completed',
  title: 'Nosferatu',
  container: null,
  product: '30-day rental',
  entityId: 'nosferatu',
  purchaseId: 'ptv_01m85eetz2e8qthwsqr5v0dh8g',
  currency: 'eur',
  price: { subtotal: 999, discount: 200, promotionCode: 'FRIENDS', tax: 128, isTaxIncluded: true, total: 799, refunded: 0 },
  paidAt: at('2026-11-30T18:00:00Z'),
  consent: { at: at('2026-11-30T17:58:00Z'), version: '2026-11-30' },
  withdrawnAt: null,
  access: {
    isActive: true,
    startsAt: at('2026-11-30T18:00:00Z'),
    expiresAt: at('2026-12-30T18:00:00Z'),
    watchWithinHours: null,
  },
  at: null,
  refund: null,
  receiptUrl: 'https://pay.stripe.com/receipts/payment/example',
  invoiceUrl: 'https://invoice.stripe.com/i/example',
}

const rental = { ...purchase.access, isActive: true, startsAt: at('2026-11-30T18:00:00Z'), watchWithinHours: 48 }
const refunded = { ...purchase.price, refunded: 799 }
const free = { subtotal: 999, discount: 999, promotionCode: 'PRESS', tax: 0, isTaxIncluded: true, total: 0, refunded: 0 }
const withdrawnAt = at('2026-12-01T09:30:00Z')
const end = at('2026-12-30T18:00:00Z')

/** One e-mail of each kind, to check and preview templates. */
export const sampleMails = (): MailData[] => [
  purchase,
  { ...purchase, access: { ...rental, expiresAt: end } },
  { ...purchase, price: free, access: { isActive: true, startsAt: end, expiresAt: null, watchWithinHours: null } },
  { ...purchase, type: 'email.withdrawn', refund: 799, access: null, at: withdrawnAt, withdrawnAt },
  { ...purchase, type: 'email.refunded', refund: 799, price: refunded, access: null, withdrawnAt },
  { ...purchase, type: 'email.refunded', refund: 100, price: { ...purchase.price, refunded: 100 } },
  { ...purchase, type: 'email.refunded', refund: 0, price: free, access: null },
  { ...purchase, type: 'email.access_ending', at: end },
  { ...purchase, type: 'email.access_ending', at: end, access: { ...rental, expiresAt: end } },
  { ...purchase, type: 'email.event_starting', at: end },
  { ...purchase, type: 'email.event_moved', at: end },
  { ...purchase, type: 'email.event_canceled', access: null, refund: 799 },
  { ...purchase, type: 'email.event_canceled', container: 'Silent Film Festival' },
  { ...purchase, type: 'email.event_canceled', price: free, access: null, refund: 0 },
]
