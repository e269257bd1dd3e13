import { z } from 'zod'

export const telemetryEnvironment = {
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional().describe('Endpoint for traces (OTLP over HTTP); tracing is off if not set'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least severe level that is logged'),
}
