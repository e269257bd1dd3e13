import { type Db, markWorkflowStarted, purchasesWithoutWorkflow } from '@pay-to-view/db'
import type { PurchaseClient } from '@pay-to-view/workflow-client/client'
import { createProgress } from '../progress.ts'

const pageSize = 500
const concurrency = 8

/**
 * Starts a workflow for each purchase that may still change and has never had a workflow, so the Temporal UI shows what the purchase is
 * waiting for. Without this call, the workflow would start only with the purchase's next event. Safe to repeat.
 */
export const startWorkflows = async (db: Db, purchases: PurchaseClient): Promise<number> => {
  const showProgress = createProgress('workflows started')
  let started = 0
  for (let after = ''; ; ) {
    const page = await purchasesWithoutWorkflow(db, after, pageSize, new Date())
    for (let start = 0; start < page.length; start += concurrency) {
      await Promise.all(
        page.slice(start, start + concurrency).map(async (purchase) => {
          if (await purchases.start(purchase)) started += 1
          await markWorkflowStarted(db, purchase.id)
        }),
      )
      showProgress(started)
    }
    const last = page.at(-1)
    if (!last || page.length < pageSize) return started
    after = last.id
  }
}
