import { Client, Connection } from '@temporalio/client'
import { z } from 'zod'
import { startOptions } from '../../temporal/starter.ts'
import { serve } from '../plain/twin.ts'
import { paid, purchase, taskQueue } from './workflows.ts'

const env = z.object({ TEMPORAL_ADDRESS: z.string() }).parse(process.env)
const { workflow } = new Client({ connection: Connection.lazy({ address: env.TEMPORAL_ADDRESS }) })

/**
 * The twin with a workflow a purchase and nothing else: no more than plain but a start, a signal and a worker's step. What it costs is
 * what a purchase as a workflow costs at least.
 */
await serve({
  begin: (starter) =>
    workflow.start(purchase, {
      ...startOptions(starter, taskQueue),
      args: [],
      startDelay: '40 minutes',
      workflowIdConflictPolicy: 'FAIL',
    }),
  complete: (values) =>
    workflow.signalWithStart(purchase, { workflowId: values[4] ?? '', taskQueue, signal: paid, signalArgs: [values] }),
})
