import { NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { z } from 'zod'
import { workflowTasks } from '../../temporal/tasks.ts'

/** A worker of the empty workflows. Ends on SIGTERM. */
const env = z.object({ TEMPORAL_ADDRESS: z.string() }).parse(process.env)
Runtime.install({ telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } } })
const connection = await NativeConnection.connect({ address: env.TEMPORAL_ADDRESS })
const worker = await Worker.create({
  connection,
  taskQueue: 'floor',
  ...workflowTasks(40),
  workflowsPath: new URL('./workflows.ts', import.meta.url).pathname,
  activities: { nothing: async () => {} },
})
await worker.run()
await connection.close()
