import { expect, test } from 'vitest'
import { purchaseIdOfWorkflow, purchaseWorkflowId } from '../src/index.ts'

test.each([
  ['ptv_01m85eetz2e8qthwsqr5v0dh8g', 'ptv_01m85eetz2e8qthwsqr5v0dh8g'],
  ['MTIz+DU2Nzg5MA==', 'MTIz+DU2Nzg5MA=='],
  ['a~41', 'a~41'],
  ['order 17', 'purchase:order~2017'],
  ['QU/JD', 'purchase:QU~2FJD'],
  ['zürich"1', 'purchase:zürich~221'],
  ['a b~20', 'purchase:a~20b~7E20'],
  ['reconcile-1', 'purchase:reconcile-1'],
  ['webhook-endpoint-1', 'purchase:webhook-endpoint-1'],
  ['entity-cancel:film', 'purchase:entity-cancel:film'],
  ['purchase:order~2017', 'purchase:purchase:order~7E2017'],
])('the workflow id of the purchase %j is %j, from which the purchase id can be read', (purchaseId, workflowId) => {
  expect(purchaseWorkflowId(purchaseId)).toBe(workflowId)
  expect(purchaseIdOfWorkflow(workflowId)).toBe(purchaseId)
})

test('the longest purchase id fits into a workflow id', () => {
  expect(Buffer.byteLength(purchaseWorkflowId('🎬'.repeat(200)))).toBeLessThan(1_000)
})
