import { searchAttributes } from '@pay-to-view/workflow-client/messages'
import { condition, defineSignal, proxyLocalActivities, setHandler, upsertSearchAttributes } from '@temporalio/workflow'
import type { Paid } from '../plain/sql.ts'

export const taskQueue = 'durable'

export const paid = defineSignal<[Paid]>('paid')

/** Writes what was paid. */
export type Steps = { complete(values: Paid): Promise<void> }

const { complete } = proxyLocalActivities<Steps>({ startToCloseTimeout: '5 seconds' })

/** A payment, one step that writes it, the new status, and the wait for the end of the watch or for more. */
export async function purchase(): Promise<void> {
  const heard: Paid[] = []
  setHandler(paid, (values) => void heard.push(values))
  await condition(() => heard.length > 0)
  do {
    for (const values of heard.splice(0)) await complete(values)
    upsertSearchAttributes([{ key: searchAttributes.status, value: 'Completed' }])
  } while (await condition(() => heard.length > 0, '180 days'))
}
