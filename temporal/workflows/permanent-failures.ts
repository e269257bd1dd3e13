import { permanentFailureTypes, type StripeEventMessage, updateFailureTypes } from '@pay-to-view/workflow-client/messages'
import type { WorkflowAlert } from '@pay-to-view/workflow-client/types'
import { ApplicationFailure, log } from '@temporalio/workflow'
import { type PermanentFailure, permanentFailureOf, raiseAlert, setAsideFacts } from './activity-proxies.ts'
import type { PurchaseState } from './purchase-state.ts'

// An activity whose failure is permanent is never retried: its work is abandoned with an alert, and the purchase continues with other work.

/** The current date, so that the same problem raises at most one alert a day. */
const today = (): string => new Date().toISOString().slice(0, 10)

/** Runs an activity. Returns its permanent failure instead of throwing it, except that a missing purchase ends the workflow. */
export const attempt = async <T>(activity: () => Promise<T>): Promise<{ result: T } | { failure: PermanentFailure }> => {
  try {
    return { result: await activity() }
  } catch (error) {
    const failure = permanentFailureOf(error)
    if (failure === null || failure.type === permanentFailureTypes.purchaseNotFound) throw error
    return { failure }
  }
}

/** Raises an alert. The purchase continues even if this fails. */
const report = async (alert: WorkflowAlert): Promise<void> => {
  log.warn(alert.kind, alert.detail)
  const raised = await attempt(() => raiseAlert(alert))
  if ('failure' in raised) log.error('the alert could not be raised', { kind: alert.kind, reason: raised.failure.message })
}

/** Reports work that was abandoned. */
export const reportFailure = (state: PurchaseState, activity: string, { type, message }: PermanentFailure): Promise<void> =>
  type === permanentFailureTypes.purchaseUnreadable
    ? report({ id: state.id, kind: 'purchase_unreadable', subject: today(), detail: { error: message } })
    : report({ id: state.id, kind: 'activity_failed', subject: `${activity} ${today()}`, detail: { activity, error: message } })

export const reportMissingPurchase = (state: PurchaseState): Promise<void> =>
  report({ id: state.id, kind: 'purchase_missing', subject: today(), detail: {} })

/** Reports the messages that were skipped: one alert for each kind of message. */
export const reportMalformedMessages = async (state: PurchaseState): Promise<void> => {
  const problems = new Map(state.malformedMessages.splice(0).map(({ name, problem }) => [name, problem]))
  for (const [name, problem] of problems)
    await report({ id: state.id, kind: 'malformed_message', subject: `${name} ${today()}`, detail: { name, problem } })
}

/**
 * Sets aside events whose data is rejected. After any other failure, the events stay unapplied, and the reconciler dispatches them again
 * later: a newer version may be able to read the purchase, or the unknown cause may be temporary.
 */
export const setEventsAside = async (
  state: PurchaseState,
  activity: string,
  { eventIds, snapshots }: { eventIds: string[]; snapshots: StripeEventMessage['snapshots'] },
  failure: PermanentFailure,
): Promise<void> => {
  const isAboutEvents = failure.type === permanentFailureTypes.permanent && eventIds.length + snapshots.length > 0
  if (!isAboutEvents) return reportFailure(state, activity, failure)
  log.warn('facts set aside', { eventIds, reason: failure.message })
  const done = await attempt(() => setAsideFacts({ id: state.id, eventIds, snapshots, error: failure.message }))
  if ('failure' in done) await reportFailure(state, 'setAsideFacts', done.failure)
}

/** The failure for an update whose activity failed permanently. */
export const updateFailure = ({ message }: PermanentFailure): ApplicationFailure =>
  ApplicationFailure.create({ message: `The update failed: ${message}`, type: updateFailureTypes.updateFailed })
