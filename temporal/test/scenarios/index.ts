import { checkoutScenarios } from './checkout.ts'
import { delayedScenarios } from './delayed-payments.ts'
import { disputeScenarios } from './disputes.ts'
import { operatorScenarios } from './operator.ts'
import { outageScenarios } from './outages.ts'
import { refundScenarios } from './refunds.ts'

/** Scenarios in which time has to be skipped or does not matter. */
export const timeSkippingScenarios = [
  ...checkoutScenarios,
  ...delayedScenarios,
  ...outageScenarios,
  ...refundScenarios,
  ...disputeScenarios,
  ...operatorScenarios,
]
export { devServerScenarios } from './dev-server.ts'
