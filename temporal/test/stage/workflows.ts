import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, DefaultLogger, Runtime, type WorkflowBundleWithSourceMap } from '@temporalio/worker'

const logger = new DefaultLogger('ERROR')

/** Steps that fail on purpose are told of by the tests, not by the log. Once in a process, before anything else of Temporal's. */
export const quiet = () =>
  Runtime.install({ logger, telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } } })

export const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url))

export const bundle = (path = workflowsPath): Promise<WorkflowBundleWithSourceMap> =>
  bundleWorkflowCode({ workflowsPath: path, logger })
