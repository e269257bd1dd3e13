import { StripeError } from '../http/errors.ts'
import type { PaymentMethod } from '../store/objects.ts'
import type { MethodType } from './method-types.ts'
import { type Decline, findTestCard, fingerprintOf, isCardNumber, type TestCard } from './test-cards.ts'

export interface CardInput {
  card?: string
  /** For example "12/34". */
  exp?: string
  cvc?: string
}

export interface PaymentInput extends CardInput {
  method: MethodType
  name?: string
  email?: string
  promotionCode?: string | undefined
  country?: string | undefined
  taxId?: string | undefined
  /** Whether the buyer accepts the terms of service; by default true. */
  consent?: boolean | undefined
  authenticate?: 'complete' | 'fail'
}

const cardError = (code: string, message: string, param: string, decline?: Decline['decline_code']): StripeError =>
  new StripeError(402, { type: 'card_error', code, message, param, ...(decline && { decline_code: decline }) })

/** Validates the input as Stripe's checkout form does. The result contains the brand and only the last four digits of the card number. */
export const validateCard = (
  { card = '4242424242424242', exp = '12/34', cvc = '123' }: CardInput,
  now: number,
): PaymentMethod['card'] => {
  const number = card.replaceAll(/[\s-]/g, '')
  if (!isCardNumber(number)) throw cardError('incorrect_number', 'Your card number is incorrect.', 'number')
  const [, month = '', year = ''] = /^(\d{1,2})\s*\/\s*(?:20)?(\d{2})$/.exec(exp.trim()) ?? []
  const exp_month = Number(month)
  const exp_year = 2000 + Number(year)
  if (exp_month < 1 || exp_month > 12)
    throw cardError('invalid_expiry_month', "Your card's expiration month is invalid.", 'exp_month')
  if (Date.UTC(exp_year, exp_month) / 1000 <= now)
    throw cardError('invalid_expiry_year', "Your card's expiration year is in the past.", 'exp_year')
  if (!/^\d{3,4}$/.test(cvc)) throw cardError('invalid_cvc', "Your card's security code is invalid.", 'cvc')
  const testCard = findTestCard(number)
  if (!testCard)
    throw cardError(
      'card_declined',
      'Your card was declined. Your request was in test mode, but used a non test card. For a list of valid test cards, visit: https://docs.stripe.com/testing.',
      'number',
      'test_mode_live_card',
    )
  return cardOf(testCard, exp_month, exp_year)
}

export const cardOf = (testCard: TestCard, exp_month: number, exp_year: number): NonNullable<PaymentMethod['card']> => {
  const { number, brand, coBrand, country, funding, checks } = testCard
  return {
    brand,
    checks: { address_line1_check: checks.line1, address_postal_code_check: checks.zip, cvc_check: checks.cvc },
    country,
    display_brand: coBrand ?? brand,
    exp_month,
    exp_year,
    fingerprint: fingerprintOf(number),
    funding,
    generated_from: null,
    last4: number.slice(-4),
    networks: { available: coBrand ? [coBrand, brand] : [brand], preferred: null },
    regulated_status: 'unregulated',
    three_d_secure_usage: { supported: brand !== 'amex' },
    wallet: null,
  }
}
