import { storable } from '@pay-to-view/purchase'
import type { AcceptPaymentInput, StripeEventMessage } from '@pay-to-view/workflow-client/messages'
import type { RefundRequest } from '@pay-to-view/workflow-client/types'

/**
 * An operator can send any message from the Temporal UI or CLI. One that cannot be carried out is refused here, where its sender reads why;
 * further on it would be tried for ever, and hold up its purchase.
 */
const expect = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(`Expected ${what}`)
}

const isText = (value: unknown, most: number): boolean =>
  typeof value === 'string' && value !== '' && value.length <= most && storable.test(value)
const isGone = (value: unknown): boolean => value === null || value === undefined
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** Beside a misspelt amount all that is left would be refunded: what nobody knows is refused. */
const given = (message: unknown, ...fields: string[]): void => {
  expect(isObject(message), 'a JSON object as the argument')
  const unknown = Object.keys(message ?? {}).filter((field) => !fields.includes(field))
  expect(unknown.length === 0, `only ${fields.join(', ')}, not ${unknown.join(', ')}`)
}

const byAndReason = ({ by, reason }: AcceptPaymentInput): void => {
  expect(isText(by, 1_000), '"by": your name')
  expect(isGone(reason) || isText(reason, 500), '"reason": a text of 1 to 500 characters, or null')
}

export const checkRefund = (wish: RefundRequest): void => {
  given(wish, 'requestId', 'amount', 'reason', 'by')
  const { requestId, amount } = wish
  const isKey = isText(requestId, 200) && /^[\x21-\x7e]+$/.test(requestId) && !requestId.startsWith('duplicate-')
  expect(isKey, '"requestId": 1 to 200 printable ASCII characters without spaces, not beginning with duplicate-')
  expect(
    isGone(amount) || (Number.isInteger(amount) && Number(amount) > 0 && Number(amount) < 100_000_000),
    '"amount": a whole number of minor units, or null for all that is left',
  )
  byAndReason(wish)
}

export const checkAcceptance = (acceptance: AcceptPaymentInput): void => {
  given(acceptance, 'by', 'reason')
  byAndReason(acceptance)
}

const isId = (value: unknown): boolean => typeof value === 'string' && /^[\w.-]{1,255}$/.test(value)

/** Whether it is an object with these ids. */
const names = (value: unknown, ...ids: string[]): boolean => isObject(value) && ids.every((id) => isId(Reflect.get(value, id)))

/** A signal cannot be refused: what is no fact is not taken in. What the snapshots say is read where they are applied. */
export const isFact = (fact: StripeEventMessage | null | undefined): boolean =>
  isObject(fact) &&
  (fact.eventId === null || isId(fact.eventId)) &&
  (isGone(fact.refresh) || names(fact.refresh, 'payment')) &&
  Array.isArray(fact.snapshots) &&
  fact.snapshots.every((snapshot) => names(snapshot, 'kind', 'id'))
