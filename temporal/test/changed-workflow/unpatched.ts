import { sleep } from '@temporalio/workflow'
import { purchase as original } from '../../workflows/purchase.ts'

/** The purchase workflow with a change that no run of before it may meet: replay.test.ts has to notice. */
export async function purchase(id: string): Promise<void> {
  await sleep('1 minute')
  await original(id)
}
