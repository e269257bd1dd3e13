import type { Log } from '@pay-to-view/telemetry'
import type { Logger, LogLevel, LogMetadata } from '@temporalio/common'
import { Runtime } from '@temporalio/worker'

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const

const purchaseIn = ({ workflowId }: LogMetadata) =>
  typeof workflowId === 'string' && workflowId.startsWith('ptv_') ? { purchaseId: workflowId } : {}

/** Temporal's own lines in our log. */
const bridge = (log: Log): Logger => {
  const write = (level: LogLevel, message: string, meta: LogMetadata = {}): void => {
    const { error, ...rest } = meta
    log[levels[level]]({ ...rest, ...purchaseIn(rest), ...(error !== undefined && { err: error }) }, message)
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

/** Once in a process, before anything else of Temporal's worker. */
export const forwardTemporalLogs = (log: Log): void => {
  Runtime.install({
    logger: bridge(log),
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
  })
}
