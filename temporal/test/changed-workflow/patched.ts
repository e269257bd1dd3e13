import { patched, sleep } from '@temporalio/workflow'
import { purchase as original } from '../../workflows/purchase.ts'

/** Such a change as in index.ts, made so that runs of before it go on as they began. */
export async function purchase(id: string): Promise<void> {
  if (patched('wait-before-anything')) await sleep('1 second')
  await original(id)
}
