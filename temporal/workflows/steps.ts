import {
  ActivityFailure,
  type ActivityOptions,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow'
import type { Application, PurchaseActivities, View } from '../contract.ts'

/** Tried until it works: Stripe or Postgres may be away for long, a purchase is never given up. */
const patient: ActivityOptions = {
  startToCloseTimeout: '1 minute',
  retry: {
    initialInterval: '500 milliseconds',
    backoffCoefficient: 2,
    maximumInterval: '1 minute',
    nonRetryableErrorTypes: ['PurchaseNotFound'],
  },
}

const local = proxyLocalActivities<PurchaseActivities>({
  startToCloseTimeout: '5 seconds',
  retry: { initialInterval: '100 milliseconds', maximumAttempts: 3, nonRetryableErrorTypes: ['PurchaseNotFound'] },
})

const remote = proxyActivities<PurchaseActivities>(patient)

/** First as a local activity with a few quick tries, then as a normal one, so that a long outage does not fill the history. */
const quickly = async (
  attempt: (activities: Pick<PurchaseActivities, 'loadPurchase' | 'applyFacts'>) => Promise<View>,
): Promise<View> => {
  try {
    return await attempt(local)
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error
    return attempt(remote)
  }
}

export const loadPurchase = (id: string): Promise<View> => quickly((activities) => activities.loadPurchase(id))

export const applyFacts = (application: Application): Promise<View> => quickly((activities) => activities.applyFacts(application))

export const { askStripe, closeCheckoutAtStripe, refundPurchase, carryOutRefund } = remote
