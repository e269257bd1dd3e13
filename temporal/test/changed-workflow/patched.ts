import { patched, sleep } from '@temporalio/workflow'
import { entityJob as originalJob } from '../../workflows/entity-job.ts'
import { purchase as original } from '../../workflows/purchase.ts'

/** The purchase workflow with a change behind patched(), which keeps replay valid. */
export async function purchase(id: string): Promise<void> {
  if (patched('wait-before-anything')) await sleep('1 second')
  await original(id)
}

/** The entity job workflow with the same change. */
export async function entityJob(id: string): Promise<void> {
  if (patched('wait-before-anything')) await sleep('1 second')
  await originalJob(id)
}
