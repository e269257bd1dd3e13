/**
 * Stripe's documented test cards (its page "Testing use cases"). Only the brand and the last four digits of a card are stored, so
 * its behavior after the payment is looked up by the last four digits, which are unique among these cards.
 */
export interface Decline {
  code: 'card_declined' | 'expired_card' | 'incorrect_cvc' | 'processing_error' | 'incorrect_number'
  decline_code: string
  message: string
}

export interface TestCard {
  number: string
  brand: string
  description: string
  decline?: Decline
  /** Stripe Radar blocks the payment before it reaches the bank. */
  blocked?: true
  threeDSecure?: true
  disputed?: { reason: string; status: 'needs_response' | 'warning_needs_response' }
  refund?: 'fails_later' | 'pending_first'
}

const decline = (code: Decline['code'], decline_code: string, message: string): Decline => ({ code, decline_code, message })

const declined = (decline_code: string, message = 'Your card was declined.') => decline('card_declined', decline_code, message)

export const TEST_CARDS: TestCard[] = [
  { number: '4242424242424242', brand: 'visa', description: 'Succeeds' },
  { number: '5555555555554444', brand: 'mastercard', description: 'Succeeds' },
  { number: '4000056655665556', brand: 'visa', description: 'Succeeds' },
  { number: '2223003122003222', brand: 'mastercard', description: 'Succeeds' },
  { number: '5200828282828210', brand: 'mastercard', description: 'Succeeds' },
  { number: '5105105105105100', brand: 'mastercard', description: 'Succeeds' },
  { number: '378282246310005', brand: 'amex', description: 'Succeeds' },
  { number: '371449635398431', brand: 'amex', description: 'Succeeds' },
  { number: '6011111111111117', brand: 'discover', description: 'Succeeds' },
  { number: '3056930009020004', brand: 'diners', description: 'Succeeds' },
  { number: '3566002020360505', brand: 'jcb', description: 'Succeeds' },
  { number: '6200000000000005', brand: 'unionpay', description: 'Succeeds' },
  { number: '4000000000000002', brand: 'visa', description: 'Declined', decline: declined('generic_decline') },
  {
    number: '4000000000009995',
    brand: 'visa',
    description: 'Declined: insufficient funds',
    decline: declined('insufficient_funds', 'Your card has insufficient funds.'),
  },
  { number: '4000000000009987', brand: 'visa', description: 'Declined: lost card', decline: declined('lost_card') },
  { number: '4000000000009979', brand: 'visa', description: 'Declined: stolen card', decline: declined('stolen_card') },
  {
    number: '4000000000000069',
    brand: 'visa',
    description: 'Declined: expired card',
    decline: decline('expired_card', 'expired_card', 'Your card has expired.'),
  },
  {
    number: '4000000000000127',
    brand: 'visa',
    description: 'Declined: incorrect CVC',
    decline: decline('incorrect_cvc', 'incorrect_cvc', "Your card's security code is incorrect."),
  },
  {
    number: '4000000000000119',
    brand: 'visa',
    description: 'Declined: processing error',
    decline: decline(
      'processing_error',
      'processing_error',
      'An error occurred while processing your card. Try again in a little bit.',
    ),
  },
  { number: '4100000000000019', brand: 'visa', description: 'Blocked by Radar', decline: declined('fraudulent'), blocked: true },
  { number: '4000002760003184', brand: 'visa', description: 'Requires 3D Secure, then succeeds', threeDSecure: true },
  { number: '4000000000003220', brand: 'visa', description: 'Requires 3D Secure, then succeeds', threeDSecure: true },
  { number: '4000000000003063', brand: 'visa', description: 'Requires 3D Secure, then succeeds', threeDSecure: true },
  {
    number: '4000008400001629',
    brand: 'visa',
    description: 'Requires 3D Secure, then is declined',
    threeDSecure: true,
    decline: declined('generic_decline'),
  },
  {
    number: '4000000000000259',
    brand: 'visa',
    description: 'Succeeds, then is disputed as fraudulent',
    disputed: { reason: 'fraudulent', status: 'needs_response' },
  },
  {
    number: '4000000000002685',
    brand: 'visa',
    description: 'Succeeds, then is disputed as not received',
    disputed: { reason: 'product_not_received', status: 'needs_response' },
  },
  {
    number: '4000000000001976',
    brand: 'visa',
    description: 'Succeeds, then gets an inquiry',
    disputed: { reason: 'fraudulent', status: 'warning_needs_response' },
  },
  { number: '4000000000005126', brand: 'visa', description: 'Succeeds; a refund succeeds, then fails', refund: 'fails_later' },
  {
    number: '4000000000007726',
    brand: 'visa',
    description: 'Succeeds; a refund is pending, then succeeds',
    refund: 'pending_first',
  },
]

const byNumber = new Map(TEST_CARDS.map((card) => [card.number, card]))
const byLast4 = new Map(TEST_CARDS.map((card) => [card.number.slice(-4), card]))

export const findTestCard = (number: string): TestCard | undefined => byNumber.get(number)
export const findTestCardByLast4 = (last4: string | null | undefined): TestCard | undefined => byLast4.get(last4 ?? '')

/** Checks the length and the check digit (Luhn algorithm). */
export const isCardNumber = (number: string): boolean => {
  if (!/^\d{12,19}$/.test(number)) return false
  const sum = [...number].reverse().reduce((total, digit, i) => {
    const doubled = Number(digit) * (i % 2 === 0 ? 1 : 2)
    return total + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return sum % 10 === 0
}
