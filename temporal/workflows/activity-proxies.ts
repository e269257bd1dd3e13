import {
  ActivityFailure,
  type ActivityOptions,
  ApplicationFailure,
  isCancellation,
  type LocalActivityOptions,
  proxyActivities,
  proxyLocalActivities,
  TemporalFailure,
} from '@temporalio/workflow'
import type { PurchaseActivities } from '../activities/types.ts'

const nonRetryableErrorTypes = ['PurchaseNotFound']

/** What the Temporal UI shows of a step. */
const summaries = {
  loadPurchase: 'Read the purchase',
  applyFacts: 'Write down what Stripe says, and what follows: status and access',
  recordRefundRequest: 'Write the refund down, before Stripe is asked',
  refreshFromStripe: 'Ask Stripe what became of it',
  expireCheckout: 'Close the checkout at Stripe',
  executeRefund: 'Refund at Stripe',
} satisfies Record<keyof PurchaseActivities, string>

/** Without a sign of life for so long its worker is gone (activities/beats.ts), and another takes the step up. */
const heartbeatTimeout = '10 seconds'

/** Tried until it works: Postgres may be away for long, and nothing goes on without it. */
const patient: ActivityOptions = {
  startToCloseTimeout: '1 minute',
  heartbeatTimeout,
  retry: { initialInterval: '500 milliseconds', maximumInterval: '1 minute', nonRetryableErrorTypes },
}

/** A few tries: while Stripe is away the purchase still has to hear what Stripe's webhooks say. The loop asks again later. */
const bounded: ActivityOptions = {
  startToCloseTimeout: '1 minute',
  heartbeatTimeout,
  retry: { initialInterval: '500 milliseconds', maximumAttempts: 3, nonRetryableErrorTypes },
}

const quick: LocalActivityOptions = {
  startToCloseTimeout: '5 seconds',
  retry: { initialInterval: '100 milliseconds', maximumAttempts: 3, nonRetryableErrorTypes },
}

type Step = keyof PurchaseActivities

const remote = <Name extends Step>(name: Name, options: ActivityOptions): PurchaseActivities[Name] =>
  proxyActivities<PurchaseActivities>({ ...options, summary: summaries[name] })[name]

const local = <Name extends Step>(name: Name): PurchaseActivities[Name] =>
  proxyLocalActivities<PurchaseActivities>({ ...quick, summary: summaries[name] })[name]

export const refreshFromStripe = remote('refreshFromStripe', bounded)
export const expireCheckout = remote('expireCheckout', bounded)
export const executeRefund = remote('executeRefund', bounded)

/** What made a step fail. A local activity's failure comes without an ActivityFailure around it. */
const causeOf = (error: TemporalFailure): Error | undefined => (error instanceof ActivityFailure ? error.cause : error)

/** The type of the error that made a step fail, for the operator. */
export const failureType = (error: TemporalFailure): string => {
  const cause = causeOf(error)
  return (cause instanceof ApplicationFailure && cause.type) || cause?.name || error.name
}

/** Whether a step failed in a way that another try may mend. */
export const mayPass = (error: unknown): error is TemporalFailure => {
  if (!(error instanceof TemporalFailure) || isCancellation(error)) return false
  const cause = causeOf(error)
  return !(cause instanceof ApplicationFailure && nonRetryableErrorTypes.includes(cause.type ?? ''))
}

/** First as a local activity with a few quick tries, then as a normal one, so that a long outage does not fill the history. */
const quickly =
  <Input, Output>(first: (input: Input) => Promise<Output>, after: (input: Input) => Promise<Output>) =>
  async (input: Input): Promise<Output> => {
    try {
      return await first(input)
    } catch (error) {
      if (!mayPass(error)) throw error
      return after(input)
    }
  }

export const loadPurchase = quickly(local('loadPurchase'), remote('loadPurchase', patient))
export const applyFacts = quickly(local('applyFacts'), remote('applyFacts', patient))
export const recordRefundRequest = quickly(local('recordRefundRequest'), remote('recordRefundRequest', patient))
