import {
  ActivityFailure,
  type ActivityOptions,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  TemporalFailure,
} from '@temporalio/workflow'
import type { Application, PurchaseActivities, View } from '../contract.ts'

const nonRetryableErrorTypes = ['PurchaseNotFound']

/** Tried until it works: Postgres may be away for long, and nothing goes on without it. */
const patient: ActivityOptions = {
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '500 milliseconds', maximumInterval: '1 minute', nonRetryableErrorTypes },
}

/** A few tries: while Stripe is away the purchase still has to hear what Stripe's webhooks say. The loop asks again later. */
const bounded: ActivityOptions = {
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '500 milliseconds', maximumAttempts: 3, nonRetryableErrorTypes },
}

const local = proxyLocalActivities<PurchaseActivities>({
  startToCloseTimeout: '5 seconds',
  retry: { initialInterval: '100 milliseconds', maximumAttempts: 3, nonRetryableErrorTypes },
})

const remote = proxyActivities<PurchaseActivities>(patient)

export const { askStripe, closeCheckoutAtStripe, carryOutRefund } = proxyActivities<PurchaseActivities>(bounded)

/** Whether a step failed in a way that another try may mend. A local activity's failure comes without an ActivityFailure around it. */
export const mayPass = (error: unknown): boolean => {
  if (!(error instanceof TemporalFailure) || isCancellation(error)) return false
  const cause = error instanceof ActivityFailure ? error.cause : error
  return !(cause instanceof ApplicationFailure && nonRetryableErrorTypes.includes(cause.type ?? ''))
}

/** First as a local activity with a few quick tries, then as a normal one, so that a long outage does not fill the history. */
const quickly = async <T>(
  attempt: (activities: Pick<PurchaseActivities, 'loadPurchase' | 'applyFacts' | 'orderRefund'>) => Promise<T>,
): Promise<T> => {
  try {
    return await attempt(local)
  } catch (error) {
    if (!mayPass(error)) throw error
    return attempt(remote)
  }
}

export const loadPurchase = (id: string): Promise<View> => quickly((activities) => activities.loadPurchase(id))

export const applyFacts = (application: Application): Promise<View> => quickly((activities) => activities.applyFacts(application))

export const orderRefund: PurchaseActivities['orderRefund'] = (order) => quickly((activities) => activities.orderRefund(order))
