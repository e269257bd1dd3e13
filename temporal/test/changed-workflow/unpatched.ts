import { sleep } from '@temporalio/workflow'
import { purchase as original } from '../../workflows/purchase.ts'

/** The purchase workflow with a change that breaks replay. */
export async function purchase(id: string): Promise<void> {
  await sleep('1 minute')
  await original(id)
}
