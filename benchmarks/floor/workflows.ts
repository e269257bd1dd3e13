import { condition, defineSignal, proxyLocalActivities, setHandler, upsertSearchAttributes } from '@temporalio/workflow'
import { searchAttributes } from '../../temporal/contract.ts'

const told = defineSignal('told')
const { nothing } = proxyLocalActivities<{ nothing(): Promise<void> }>({ startToCloseTimeout: '5 seconds' })

/** Ends when it is told. */
export async function ends(): Promise<void> {
  let heard = false
  setHandler(told, () => {
    heard = true
  })
  await condition(() => heard)
}

/** What a purchase does, with nothing in it: one step, the new status, and the wait for the end of its watch. */
export async function waits(): Promise<void> {
  let heard = false
  setHandler(told, () => {
    heard = true
  })
  await condition(() => heard)
  await nothing()
  upsertSearchAttributes([{ key: searchAttributes.status, value: 'Completed' }])
  await condition(() => false, '180 days')
}
