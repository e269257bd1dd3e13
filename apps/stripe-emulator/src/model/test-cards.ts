/**
 * Stripe's documented test cards (its page "Testing use cases"), and what each does. Only brand and last four digits of a card are
 * ever kept, so what happens after the payment is looked up by the last four: they differ among these.
 */
export interface Decline {
  code: 'card_declined' | 'expired_card' | 'incorrect_cvc' | 'processing_error' | 'incorrect_number'
  decline_code: string
  message: string
}

export interface TestCard {
  number: string
  brand: string
  hint: string
  decline?: Decline
  /** Stripe Radar refuses it before the bank is asked. */
  blocked?: true
  threeDSecure?: true
  disputed?: { reason: string; status: 'needs_response' | 'warning_needs_response' }
  refund?: 'fails_later' | 'pending_first'
}

const decline = (code: Decline['code'], decline_code: string, message: string): Decline => ({ code, decline_code, message })

const declined = (decline_code: string, message = 'Your card was declined.') => decline('card_declined', decline_code, message)

export const TEST_CARDS: TestCard[] = [
  { number: '4242424242424242', brand: 'visa', hint: 'pays' },
  { number: '5555555555554444', brand: 'mastercard', hint: 'pays' },
  { number: '4000056655665556', brand: 'visa', hint: 'pays' },
  { number: '2223003122003222', brand: 'mastercard', hint: 'pays' },
  { number: '5200828282828210', brand: 'mastercard', hint: 'pays' },
  { number: '5105105105105100', brand: 'mastercard', hint: 'pays' },
  { number: '378282246310005', brand: 'amex', hint: 'pays' },
  { number: '371449635398431', brand: 'amex', hint: 'pays' },
  { number: '6011111111111117', brand: 'discover', hint: 'pays' },
  { number: '3056930009020004', brand: 'diners', hint: 'pays' },
  { number: '3566002020360505', brand: 'jcb', hint: 'pays' },
  { number: '6200000000000005', brand: 'unionpay', hint: 'pays' },
  { number: '4000000000000002', brand: 'visa', hint: 'is declined', decline: declined('generic_decline') },
  {
    number: '4000000000009995',
    brand: 'visa',
    hint: 'has insufficient funds',
    decline: declined('insufficient_funds', 'Your card has insufficient funds.'),
  },
  { number: '4000000000009987', brand: 'visa', hint: 'is declined as lost', decline: declined('lost_card') },
  { number: '4000000000009979', brand: 'visa', hint: 'is declined as stolen', decline: declined('stolen_card') },
  {
    number: '4000000000000069',
    brand: 'visa',
    hint: 'is declined as expired',
    decline: decline('expired_card', 'expired_card', 'Your card has expired.'),
  },
  {
    number: '4000000000000127',
    brand: 'visa',
    hint: 'is declined for its CVC',
    decline: decline('incorrect_cvc', 'incorrect_cvc', "Your card's security code is incorrect."),
  },
  {
    number: '4000000000000119',
    brand: 'visa',
    hint: 'fails with a processing error',
    decline: decline(
      'processing_error',
      'processing_error',
      'An error occurred while processing your card. Try again in a little bit.',
    ),
  },
  { number: '4100000000000019', brand: 'visa', hint: 'is blocked by Radar', decline: declined('fraudulent'), blocked: true },
  { number: '4000002760003184', brand: 'visa', hint: 'asks for 3D Secure, then pays', threeDSecure: true },
  { number: '4000000000003220', brand: 'visa', hint: 'asks for 3D Secure, then pays', threeDSecure: true },
  { number: '4000000000003063', brand: 'visa', hint: 'asks for 3D Secure, then pays', threeDSecure: true },
  {
    number: '4000008400001629',
    brand: 'visa',
    hint: 'asks for 3D Secure, then is declined',
    threeDSecure: true,
    decline: declined('generic_decline'),
  },
  {
    number: '4000000000000259',
    brand: 'visa',
    hint: 'pays and is then disputed as fraudulent',
    disputed: { reason: 'fraudulent', status: 'needs_response' },
  },
  {
    number: '4000000000002685',
    brand: 'visa',
    hint: 'pays and is then disputed as not received',
    disputed: { reason: 'product_not_received', status: 'needs_response' },
  },
  {
    number: '4000000000001976',
    brand: 'visa',
    hint: 'pays and gets an inquiry',
    disputed: { reason: 'fraudulent', status: 'warning_needs_response' },
  },
  { number: '4000000000005126', brand: 'visa', hint: 'pays; a refund succeeds, then fails', refund: 'fails_later' },
  { number: '4000000000007726', brand: 'visa', hint: 'pays; a refund is pending, then succeeds', refund: 'pending_first' },
]

const byNumber = new Map(TEST_CARDS.map((card) => [card.number, card]))
const byLast4 = new Map(TEST_CARDS.map((card) => [card.number.slice(-4), card]))

export const testCard = (number: string): TestCard | undefined => byNumber.get(number)
export const testCardByLast4 = (last4: string | null | undefined): TestCard | undefined => byLast4.get(last4 ?? '')

/** The check digit of a card number (Luhn). */
export const isCardNumber = (number: string): boolean => {
  if (!/^\d{12,19}$/.test(number)) return false
  const sum = [...number].reverse().reduce((total, digit, i) => {
    const doubled = Number(digit) * (i % 2 === 0 ? 1 : 2)
    return total + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return sum % 10 === 0
}
