import { workflowTaskOptions } from '@pay-to-view/temporal/workflow-task-options'
import { NativeConnection, Runtime, Worker } from '@temporalio/worker'
import pg from 'pg'
import { z } from 'zod'
import { completePurchase } from '../plain/sql.ts'
import { type Activities, taskQueue } from './workflows.ts'

/** The durable baseline's worker. Stops on SIGTERM. */
const env = z
  .object({
    TEMPORAL_ADDRESS: z.string(),
    DATABASE_URL: z.string(),
    DATABASE_POOL: z.coerce.number().default(10),
    WORKFLOW_BUNDLE: z.string(),
    WORKFLOW_TASKS_AT_ONCE: z.coerce.number(),
  })
  .parse(process.env)
Runtime.install({ telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } } })
const db = new pg.Pool({ connectionString: env.DATABASE_URL, max: env.DATABASE_POOL })
const connection = await NativeConnection.connect({ address: env.TEMPORAL_ADDRESS })
const activities: Activities = {
  completePurchase: async (values) => {
    await db.query({ name: 'complete_purchase', text: completePurchase, values })
  },
}
const worker = await Worker.create({
  connection,
  taskQueue,
  workflowBundle: { codePath: env.WORKFLOW_BUNDLE },
  activities: { ...activities },
  ...workflowTaskOptions(env.WORKFLOW_TASKS_AT_ONCE),
})
await worker.run()
await connection.close()
await db.end()
