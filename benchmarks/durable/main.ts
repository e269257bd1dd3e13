import { startOptions } from '@pay-to-view/workflow-client/start-options'
import { Client, Connection } from '@temporalio/client'
import { z } from 'zod'
import { serve } from '../plain/twin.ts'
import { paid, purchase, taskQueue } from './workflows.ts'

const env = z.object({ TEMPORAL_ADDRESS: z.string() }).parse(process.env)
const { workflow } = new Client({ connection: Connection.lazy({ address: env.TEMPORAL_ADDRESS }) })

/**
 * The plain twin with a workflow a purchase, as an operator sees ours: started with the same search attributes and texts, told by a signal,
 * one step of a worker, the new status, the wait for the end of the watch. What it costs more than plain is what a workflow costs.
 */
await serve({
  begin: (starter) =>
    workflow.start(purchase, {
      ...startOptions(starter, taskQueue),
      args: [],
      startDelay: '40 minutes',
      workflowIdConflictPolicy: 'FAIL',
    }),
  complete: (values) => {
    const [, , , , purchaseId] = values
    if (purchaseId === undefined) throw new Error('The event names no purchase')
    return workflow.signalWithStart(purchase, { workflowId: purchaseId, taskQueue, signal: paid, signalArgs: [values] })
  },
})
