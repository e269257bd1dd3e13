/**
 * Starts exporting traces (OTLP over HTTP) if an endpoint is set, and returns a function that flushes and stops the export. OpenTelemetry's
 * other variables (OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER, OTEL_RESOURCE_ATTRIBUTES) also apply. Without an endpoint, the SDK is
 * not loaded.
 */
export const startTracing = async (service: string, endpoint: string | undefined): Promise<() => Promise<void>> => {
  if (endpoint === undefined || endpoint === '') return async () => undefined
  const [
    { context, propagation, trace },
    contexts,
    { OTLPTraceExporter },
    { envDetector, detectResources, resourceFromAttributes },
    sdk,
    core,
  ] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/core'),
  ])
  const resource = resourceFromAttributes({ 'service.name': service }).merge(detectResources({ detectors: [envDetector] }))
  const provider = new sdk.BasicTracerProvider({
    resource,
    spanProcessors: [new sdk.BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` }))],
  })
  context.setGlobalContextManager(new contexts.AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new core.W3CTraceContextPropagator())
  trace.setGlobalTracerProvider(provider)
  return () => provider.shutdown()
}
