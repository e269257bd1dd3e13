import { type Account, NO_REQUEST } from '../account.ts'
import type { Task } from '../store/objects.ts'
import { expireIfOpen } from './checkout.ts'
import { updateCoupon, updatePromotionCode } from './coupons.ts'
import { allowedSteps, applyDisputeStep, type DisputeStep, getDispute } from './disputes.ts'
import { createLateInvoice, settle } from './payments.ts'
import { changeRefund } from './refunds.ts'

/** Runs a scheduled task that is due. The task has no effect if the object has changed in the meantime. */
export const runTask = (account: Account, task: Task): void =>
  account.transaction(NO_REQUEST, () => {
    account.store.tasks.remove(task.id)
    TASK_HANDLERS[task.kind](account, task.object)
  })

const TASK_HANDLERS: Record<Task['kind'], (account: Account, id: string) => void> = {
  'session.expire': expireIfOpen,
  'payment.settle': (account, id) => {
    if (account.store.paymentIntents.get(id)?.status === 'processing') settle(account, id, 'succeeded')
  },
  'invoice.create': createLateInvoice,
  'refund.succeed': (account, id) => {
    if (account.store.refunds.get(id)?.status === 'pending') changeRefund(account, id, 'succeeded')
  },
  'refund.fail': (account, id) => {
    if (account.store.refunds.get(id)?.status === 'succeeded') changeRefund(account, id, 'failed')
  },
  // Only a chargeback can be won or lost. Evidence for an inquiry only closes the inquiry.
  'dispute.win': (account, id) => applyFirstAllowedStep(account, id, ['win', 'close_warning']),
  'dispute.lose': (account, id) => applyFirstAllowedStep(account, id, ['lose', 'close_warning']),
  'coupon.expire': (account, id) => {
    if (account.store.coupons.get(id)?.valid) updateCoupon(account, id, { valid: false })
  },
  'promotion_code.expire': (account, id) => {
    if (account.store.promotionCodes.get(id)?.active) updatePromotionCode(account, id, { active: false })
  },
  'dispute.escalate': (account, id) => applyFirstAllowedStep(account, id, ['escalate']),
}

const applyFirstAllowedStep = (account: Account, id: string, steps: DisputeStep[]): void => {
  const step = allowedSteps(getDispute(account, id).status).find((allowed) => steps.includes(allowed))
  if (step) applyDisputeStep(account, id, step)
}
