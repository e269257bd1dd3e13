import { storableText } from '@pay-to-view/purchase'
import type { AcceptPaymentInput, StripeEventMessage } from '@pay-to-view/workflow-client/messages'
import type { RefundRequest } from '@pay-to-view/workflow-client/types'

// An operator can send any message from the Temporal UI or CLI. An invalid update is rejected by its validator, so that the sender sees why.
// If it were accepted, its activity would be retried indefinitely and block the purchase.

const assert = (condition: boolean, expected: string): void => {
  if (!condition) throw new Error(`Expected ${expected}`)
}

const isText = (value: unknown, maxLength: number): boolean =>
  typeof value === 'string' && value !== '' && value.length <= maxLength && storableText.test(value)
const isNil = (value: unknown): boolean => value === null || value === undefined
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** Rejects unknown keys: with a misspelled `amount` the refund would be a full one. */
const assertOnlyKeys = (message: unknown, ...keys: string[]): void => {
  assert(isObject(message), 'a JSON object as the argument')
  const unknownKeys = Object.keys(message ?? {}).filter((key) => !keys.includes(key))
  assert(unknownKeys.length === 0, `only ${keys.join(', ')}, not ${unknownKeys.join(', ')}`)
}

const assertByAndReason = ({ by, reason }: AcceptPaymentInput): void => {
  assert(isText(by, 1_000), '"by": your name')
  assert(isNil(reason) || isText(reason, 500), '"reason": 1 to 500 characters, or null')
}

export const validateRefund = (request: RefundRequest): void => {
  assertOnlyKeys(request, 'requestId', 'amount', 'reason', 'by')
  const { requestId, amount } = request
  const isRequestId = isText(requestId, 200) && /^[\x21-\x7e]+$/.test(requestId) && !requestId.startsWith('duplicate-')
  assert(isRequestId, '"requestId": 1 to 200 printable ASCII characters without spaces, not starting with duplicate-')
  assert(
    isNil(amount) || (Number.isInteger(amount) && Number(amount) > 0 && Number(amount) < 100_000_000),
    '"amount": a positive integer in minor units, or null for the remaining amount',
  )
  assertByAndReason(request)
}

export const validateAcceptPayment = (input: AcceptPaymentInput): void => {
  assertOnlyKeys(input, 'by', 'reason')
  assertByAndReason(input)
}

const isId = (value: unknown): boolean => typeof value === 'string' && /^[\w.-]{1,255}$/.test(value)

const hasIds = (value: unknown, ...keys: string[]): boolean =>
  isObject(value) && keys.every((key) => isId(Reflect.get(value, key)))

/** A signal cannot be rejected, so an invalid one is ignored. The content of the snapshots is validated by the activity that applies them. */
export const isStripeEventMessage = (message: StripeEventMessage | null | undefined): boolean =>
  isObject(message) &&
  (message.eventId === null || isId(message.eventId)) &&
  (isNil(message.refresh) || hasIds(message.refresh, 'paymentIntentId')) &&
  Array.isArray(message.snapshots) &&
  message.snapshots.every((snapshot) => hasIds(snapshot, 'kind', 'id'))
