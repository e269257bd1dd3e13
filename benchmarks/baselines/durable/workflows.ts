import { searchAttributes } from '@pay-to-view/workflow-client/messages'
import { condition, defineSignal, proxyLocalActivities, setHandler, upsertSearchAttributes } from '@temporalio/workflow'
import type { PaymentValues } from '../plain/sql.ts'

export const taskQueue = 'durable'

export const paymentReceived = defineSignal<[PaymentValues]>('paymentReceived')

export type Activities = { completePurchase(values: PaymentValues): Promise<void> }

const { completePurchase } = proxyLocalActivities<Activities>({ startToCloseTimeout: '5 seconds' })

/** Waits for the payment, records it in one activity, and then remains open for the 180-day dispute window. */
export async function purchase(): Promise<void> {
  const payments: PaymentValues[] = []
  setHandler(paymentReceived, (values) => void payments.push(values))
  await condition(() => payments.length > 0)
  do {
    for (const values of payments.splice(0)) await completePurchase(values)
    upsertSearchAttributes([{ key: searchAttributes.status, value: 'Completed' }])
  } while (await condition(() => payments.length > 0, '180 days'))
}
