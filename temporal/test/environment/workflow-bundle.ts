import { bundleWorkflowCode, DefaultLogger, Runtime, type WorkflowBundleWithSourceMap } from '@temporalio/worker'
import { bundleOptions } from '../../bundle.ts'

const logger = new DefaultLogger('ERROR')

/** Steps that fail on purpose are told of by the tests, not by the log. Once in a process, before anything else of Temporal's. */
export const quiet = () =>
  Runtime.install({ logger, telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } } })

export const bundle = (workflowsPath = bundleOptions.workflowsPath): Promise<WorkflowBundleWithSourceMap> =>
  bundleWorkflowCode({ ...bundleOptions, workflowsPath, logger })
