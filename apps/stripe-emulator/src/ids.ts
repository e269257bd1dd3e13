import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

export const randomText = (length: number): string => {
  let text = ''
  while (text.length < length)
    for (const byte of randomBytes(length)) if (byte < 248 && text.length < length) text += ALPHABET[byte % 62]
  return text
}

/** Returns the part after `_secret_` in a checkout session's client secret, which is percent-encoded base64, as in Stripe. */
export const sessionSecret = (): string => `fid${encodeURIComponent(`${randomText(30)}/${randomText(20)}+${randomText(20)}=`)}`

/** The prefix of each kind of id and the length of the random part. The ids of Stripe's objects have the same form as in Stripe. */
const FORMATS = {
  customer: ['cus_', 14],
  session: ['cs_test_a1', 58],
  item: ['li_1', 23],
  payment_intent: ['pi_3', 23],
  payment_method: ['pm_1', 23],
  charge: ['ch_3', 23],
  /** A charge to a payment method other than a card. */
  other_charge: ['py_3', 23],
  early_fraud_warning: ['issfr_1', 23],
  refund: ['re_3', 23],
  dispute: ['du_1', 23],
  balance_transaction: ['txn_3', 23],
  payout: ['po_1', 23],
  product: ['prod_', 14],
  price: ['price_1', 23],
  promotion_code: ['promo_1', 23],
  discount: ['di_1', 23],
  tax_registration: ['taxreg_', 14],
  invoice: ['in_1', 23],
  invoice_line: ['il_1', 23],
  invoice_payment: ['inpay_1', 23],
  event: ['evt_1', 23],
  webhook_endpoint: ['we_1', 23],
  delivery: ['whd_', 16],
  task: ['task_', 16],
  fault: ['fault_', 8],
  request: ['req_', 14],
} as const satisfies Record<string, [string, number]>

export const newId = (kind: keyof typeof FORMATS): string => FORMATS[kind][0] + randomText(FORMATS[kind][1])
