import { sleep } from '@temporalio/workflow'
import { entityJob as originalJob } from '../../workflows/entity-job.ts'
import { purchase as original } from '../../workflows/purchase.ts'

/** The purchase workflow with a change that breaks replay. */
export async function purchase(id: string): Promise<void> {
  await sleep('1 minute')
  await original(id)
}

/** The entity job workflow with the same change. */
export async function entityJob(id: string): Promise<void> {
  await sleep('1 minute')
  await originalJob(id)
}
