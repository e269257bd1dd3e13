import { cancellationScenarios } from './cancellations.ts'
import { checkoutScenarios } from './checkout.ts'
import { delayedScenarios } from './delayed-payments.ts'
import { serverScenarios } from './dev-server.ts'
import { disputeScenarios } from './disputes.ts'
import { endedRunScenarios } from './ended-runs.ts'
import { operatorScenarios } from './operator.ts'
import { outageScenarios } from './outages.ts'
import { permanentFailureScenarios } from './permanent-failures.ts'
import { refundScenarios } from './refunds.ts'

/** Scenarios in which time has to be skipped or does not matter. */
export const timeSkippingScenarios = [
  ...checkoutScenarios,
  ...delayedScenarios,
  ...outageScenarios,
  ...refundScenarios,
  ...disputeScenarios,
  ...operatorScenarios,
  ...permanentFailureScenarios,
  ...cancellationScenarios,
]

/** Scenarios in which the time-skipping test server behaves differently from a production server. */
export const devServerScenarios = [...serverScenarios, ...endedRunScenarios]
