import { startOptions } from '@pay-to-view/workflow-client/start-options'
import { Client, Connection } from '@temporalio/client'
import { z } from 'zod'
import { serve } from '../plain/server.ts'
import { paymentReceived, purchase, taskQueue } from './workflows.ts'

const env = z.object({ TEMPORAL_ADDRESS: z.string() }).parse(process.env)
const { workflow } = new Client({ connection: Connection.lazy({ address: env.TEMPORAL_ADDRESS }) })

/**
 * The plain baseline plus one workflow per purchase, with the same search attributes, summary and details as pay-to-view's workflow. The
 * difference from the plain baseline is the cost of a workflow.
 */
await serve({
  startWorkflow: (input) =>
    workflow.start(purchase, {
      ...startOptions(input, taskQueue),
      args: [],
      startDelay: '40 minutes',
      workflowIdConflictPolicy: 'FAIL',
    }),
  recordPayment: (values) => {
    const [, , , , purchaseId] = values
    if (purchaseId === undefined) throw new Error('The event has no purchase id')
    return workflow.signalWithStart(purchase, {
      workflowId: purchaseId,
      taskQueue,
      signal: paymentReceived,
      signalArgs: [values],
    })
  },
})
