import { createHash } from 'node:crypto'
import { CARD_ROWS, type CardRow } from './test-card-data.ts'

export interface Decline {
  code: 'card_declined' | 'expired_card' | 'incorrect_cvc' | 'processing_error' | 'incorrect_number'
  decline_code: string
  message: string
}

export interface TestCard {
  number: string
  description: string
  brand: string
  /** The second brand of a co-branded card. */
  coBrand: string | undefined
  country: string
  funding: 'credit' | 'debit' | 'prepaid'
  decline: Decline | undefined
  /** True if Stripe Radar blocks the payment. */
  blocked: boolean
  risk: 'normal' | 'elevated' | 'highest'
  checks: { cvc: Check; line1: Check | null; zip: Check | null }
  threeDSecure: boolean
  disputes: { reason: string; status: 'needs_response' | 'warning_needs_response' }[]
  enhancedEligibility: string[]
  earlyFraudWarning: boolean
  refund: 'fails_later' | 'pending_first' | undefined
  /** True if the money is available immediately. */
  bypassesPending: boolean
}

type Check = 'pass' | 'fail' | 'unavailable'

const DECLINES: Decline[] = [
  { code: 'card_declined', decline_code: 'generic_decline', message: 'Your card was declined.' },
  { code: 'card_declined', decline_code: 'insufficient_funds', message: 'Your card has insufficient funds.' },
  { code: 'card_declined', decline_code: 'lost_card', message: 'Your card was declined.' },
  { code: 'card_declined', decline_code: 'stolen_card', message: 'Your card was declined.' },
  { code: 'card_declined', decline_code: 'fraudulent', message: 'Your card was declined.' },
  {
    code: 'card_declined',
    decline_code: 'card_velocity_exceeded',
    message: 'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
  },
  { code: 'expired_card', decline_code: 'expired_card', message: 'Your card has expired.' },
  { code: 'incorrect_cvc', decline_code: 'incorrect_cvc', message: "Your card's security code is incorrect." },
  {
    code: 'processing_error',
    decline_code: 'processing_error',
    message: 'An error occurred while processing your card. Try again in a little bit.',
  },
]

const BRANDS = ['mastercard', 'amex', 'discover', 'diners', 'jcb', 'unionpay', 'unknown']

const oneOf = <T extends string>(value: string | undefined, allowed: readonly T[]): T | undefined =>
  allowed.find((one) => one === value)

const toTestCard = ({ number, is, description }: CardRow): TestCard => {
  const traits = is.split(' ')
  const valuesOf = (key: string) =>
    traits.filter((trait) => trait.startsWith(`${key}:`)).map((trait) => trait.slice(key.length + 1))
  const check = (key: string) => oneOf(valuesOf(key)[0], ['fail', 'unavailable'])
  return {
    number,
    description,
    brand: traits.find((trait) => BRANDS.includes(trait)) ?? 'visa',
    coBrand: traits.find((trait) => trait.startsWith('+'))?.slice(1),
    country: traits.find((trait) => /^[A-Z]{2}$/.test(trait)) ?? 'US',
    funding: traits.includes('debit') ? 'debit' : traits.includes('prepaid') ? 'prepaid' : 'credit',
    decline: DECLINES.find(({ decline_code }) => decline_code === valuesOf('declined')[0]),
    blocked: traits.includes('blocked'),
    risk: oneOf(valuesOf('risk')[0], ['elevated', 'highest']) ?? 'normal',
    checks: {
      cvc: is.includes('declined:incorrect_cvc') ? 'fail' : 'pass',
      line1: check('line1') ?? null,
      zip: check('zip') ?? null,
    },
    threeDSecure: traits.includes('3ds'),
    disputes: [
      ...valuesOf('disputed').map((reason) => ({ reason, status: 'needs_response' as const })),
      ...(traits.includes('inquiry') ? [{ reason: 'fraudulent', status: 'warning_needs_response' as const }] : []),
    ],
    enhancedEligibility: valuesOf('eligible'),
    earlyFraudWarning: traits.includes('warning'),
    refund: oneOf(valuesOf('refund')[0], ['fails_later', 'pending_first']),
    bypassesPending: traits.includes('available'),
  }
}

export const TEST_CARDS: TestCard[] = CARD_ROWS.map(toTestCard)

/**
 * Returns a card's fingerprint, which is the same in all payments. The emulator stores no card numbers, so the fingerprint identifies the
 * test card.
 */
export const fingerprintOf = (number: string): string =>
  createHash('sha256').update(`stripe-emulator ${number}`).digest('base64url').replaceAll(/[-_]/g, 'x').slice(0, 16)

const byNumber = new Map(TEST_CARDS.map((card) => [card.number, card]))
const byFingerprint = new Map(TEST_CARDS.map((card) => [fingerprintOf(card.number), card]))
const byName = new Map(
  CARD_ROWS.flatMap(({ number, names }) => names.split(' ').map((name) => [name, byNumber.get(number)] as const)),
)

export const findTestCard = (number: string): TestCard | undefined => byNumber.get(number)
export const findTestCardByFingerprint = (fingerprint: string | null | undefined): TestCard | undefined =>
  byFingerprint.get(fingerprint ?? '')

/** Finds a card by the id of a Stripe test PaymentMethod or token, for example pm_card_visa or tok_visa. */
export const findTestCardByName = (id: string): TestCard | undefined => byName.get(/^(?:pm_card|tok)_(.+)$/.exec(id)?.[1] ?? '-')

/** Checks the length and the check digit (Luhn algorithm). */
export const isCardNumber = (number: string): boolean => {
  if (!/^\d{12,19}$/.test(number)) return false
  const sum = [...number].reverse().reduce((total, digit, i) => {
    const doubled = Number(digit) * (i % 2 === 0 ? 1 : 2)
    return total + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return sum % 10 === 0
}
