import { patched, sleep } from '@temporalio/workflow'
import { purchase as original } from '../../workflows/purchase.ts'

/** The purchase workflow with a change behind patched(), which keeps replay valid. */
export async function purchase(id: string): Promise<void> {
  if (patched('wait-before-anything')) await sleep('1 second')
  await original(id)
}
