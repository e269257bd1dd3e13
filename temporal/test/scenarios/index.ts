import { checkoutLives } from './checkout.ts'
import { delayedLives } from './delayed-payments.ts'
import { disputeLives } from './disputes.ts'
import { operatorLives } from './operator.ts'
import { outageLives } from './outages.ts'
import { refundLives } from './refunds.ts'

/** Lives for which time has to be skipped, or does not matter. */
export const lives = [...checkoutLives, ...delayedLives, ...outageLives, ...refundLives, ...disputeLives, ...operatorLives]
export { serverLives } from './dev-server.ts'
