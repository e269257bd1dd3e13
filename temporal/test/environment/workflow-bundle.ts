import { bundleWorkflowCode, DefaultLogger, Runtime, type WorkflowBundleWithSourceMap } from '@temporalio/worker'
import { bundleOptions } from '../../bundle.ts'

const logger = new DefaultLogger('ERROR')

/** Hides the log lines of failures that tests cause on purpose. Call it once per process, before creating a connection or worker. */
export const silenceTemporalLogs = () =>
  Runtime.install({ logger, telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } } })

export const bundleTestWorkflows = (workflowsPath = bundleOptions.workflowsPath): Promise<WorkflowBundleWithSourceMap> =>
  bundleWorkflowCode({ ...bundleOptions, workflowsPath, logger })
