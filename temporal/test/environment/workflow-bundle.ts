import { bundleWorkflowCode, DefaultLogger, Runtime, type WorkflowBundleWithSourceMap } from '@temporalio/worker'
import { workflowSources } from '../../bundle.ts'

const logger = new DefaultLogger('ERROR')

/** Steps that fail on purpose are told of by the tests, not by the log. Once in a process, before anything else of Temporal's. */
export const quiet = () =>
  Runtime.install({ logger, telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } } })

export const bundle = (workflowsPath = workflowSources.workflowsPath): Promise<WorkflowBundleWithSourceMap> =>
  bundleWorkflowCode({ ...workflowSources, workflowsPath, logger })
