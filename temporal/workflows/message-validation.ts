import { storableText } from '@pay-to-view/purchase/text'
import { type AcceptPaymentInput, type StripeEventMessage, updateFailureTypes } from '@pay-to-view/workflow-client/messages'
import type { RefundRequest } from '@pay-to-view/workflow-client/types'
import { ApplicationFailure } from '@temporalio/workflow'
import { UnreadablePayload } from './payload-converter.ts'
import type { ContinueAsNewState } from './purchase-state.ts'

// An operator can send any message from the Temporal UI or CLI. An invalid update is rejected by its validator, so the sender sees the
// reason.

const assert = (condition: boolean, expected: string): void => {
  if (!condition) throw ApplicationFailure.nonRetryable(`Expected ${expected}`, updateFailureTypes.invalidMessage)
}

const isText = (value: unknown, maxLength: number): boolean =>
  typeof value === 'string' && value !== '' && value.length <= maxLength && storableText.test(value)
const isNil = (value: unknown): boolean => value === null || value === undefined
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const assertReadable = (message: unknown): void =>
  assert(
    !(message instanceof UnreadablePayload),
    `an argument as JSON (${message instanceof UnreadablePayload ? message.reason : ''})`,
  )

/** Rejects unknown keys, because a misspelled `amount` would cause a full refund. */
const assertOnlyKeys = (message: unknown, ...keys: string[]): void => {
  assertReadable(message)
  assert(isObject(message), 'a JSON object as the argument')
  const unknownKeys = Object.keys(message ?? {}).filter((key) => !keys.includes(key))
  assert(unknownKeys.length === 0, `only ${keys.join(', ')}, not ${unknownKeys.join(', ')}`)
}

const assertByAndReason = ({ by, reason }: AcceptPaymentInput): void => {
  assert(isText(by, 1_000), '"by": your name')
  assert(isNil(reason) || isText(reason, 500), '"reason": 1 to 500 characters, or null')
}

/** The update takes no argument. An argument that an operator sends anyway is ignored, unless it is unreadable. */
export const validateCloseCheckout = (...args: unknown[]): void => {
  for (const argument of args) assertReadable(argument)
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

const isId = (value: unknown): value is string => typeof value === 'string' && /^[\w.-]{1,255}$/.test(value)

const hasNull = (value: unknown, key: string): boolean => isObject(value) && Reflect.get(value, key) === null

const hasIds = (value: unknown, ...keys: string[]): boolean =>
  isObject(value) && keys.every((key) => isId(Reflect.get(value, key)))

const isRefresh = (value: unknown): boolean => hasIds(value, 'paymentIntentId') || hasNull(value, 'paymentIntentId')

/** The content of the snapshots is validated by the activity that applies them. */
export const isStripeEventMessage = (message: unknown): message is StripeEventMessage => {
  if (!isObject(message) || !('eventId' in message) || !('snapshots' in message)) return false
  const { eventId, snapshots } = message
  const refresh: unknown = Reflect.get(message, 'refresh')
  return (
    (eventId === null || isId(eventId)) &&
    (isNil(refresh) || isRefresh(refresh)) &&
    Array.isArray(snapshots) &&
    snapshots.every((snapshot) => hasIds(snapshot, 'kind', 'id'))
  )
}

const isContinueAsNewState = (value: unknown): value is ContinueAsNewState =>
  isObject(value) &&
  'paymentsToRefresh' in value &&
  Array.isArray(value.paymentsToRefresh) &&
  value.paymentsToRefresh.every(
    (entry) => Array.isArray(entry) && (entry[0] === null || isId(entry[0])) && Array.isArray(entry[1]) && entry[1].every(isId),
  )

/** Describes why a message or an argument is not accepted. */
export const problemOf = (value: unknown): string =>
  value instanceof UnreadablePayload ? `unreadable payload: ${value.reason}` : 'not in the expected format'

/** The arguments of the workflow with this purchase id. If the run was started manually, they may have any form. */
export const readArguments = (
  purchaseId: string,
  id: unknown,
  previous: unknown,
): { id: string; previous: ContinueAsNewState | undefined; malformed: unknown[] } => ({
  // An imported purchase may have an id that `isId` rejects.
  id: isId(id) ? id : purchaseId,
  previous: isContinueAsNewState(previous) ? previous : undefined,
  malformed: [
    ...(isId(id) || id === purchaseId ? [] : [id]),
    ...(isNil(previous) || isContinueAsNewState(previous) ? [] : [previous]),
  ],
})
