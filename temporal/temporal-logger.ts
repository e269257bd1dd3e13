import { purchaseIdOfWorkflow } from '@pay-to-view/purchase'
import type { Log } from '@pay-to-view/telemetry'
import { purchaseWorkflow } from '@pay-to-view/workflow-client/messages'
import type { Logger, LogLevel, LogMetadata } from '@temporalio/common'
import { Runtime } from '@temporalio/worker'

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const

const purchaseIdOf = ({ workflowId, workflowType }: LogMetadata) =>
  typeof workflowId === 'string' && workflowType === purchaseWorkflow ? { purchaseId: purchaseIdOfWorkflow(workflowId) } : {}

/** Adapts a pino logger to Temporal's Logger interface. */
const createTemporalLogger = (log: Log): Logger => {
  const write = (level: LogLevel, message: string, meta: LogMetadata = {}): void => {
    const { error, ...rest } = meta
    log[levels[level]]({ ...rest, ...purchaseIdOf(rest), ...(error !== undefined && { err: error }) }, message)
  }
  return {
    log: write,
    trace: (message, meta) => write('TRACE', message, meta),
    debug: (message, meta) => write('DEBUG', message, meta),
    info: (message, meta) => write('INFO', message, meta),
    warn: (message, meta) => write('WARN', message, meta),
    error: (message, meta) => write('ERROR', message, meta),
  }
}

/** Sends Temporal's log lines to our logger. Call it once per process, before creating a connection or worker. */
export const forwardTemporalLogs = (log: Log): void => {
  Runtime.install({
    logger: createTemporalLogger(log),
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
  })
}
