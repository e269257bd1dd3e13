import { createServer } from 'node:http'
import { z } from 'zod'

const Span = z.object({ traceId: z.string(), spanId: z.string(), name: z.string(), parentSpanId: z.string().optional() })
const Attribute = z.object({ key: z.string(), value: z.object({ stringValue: z.string().optional() }) })
const Traces = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(Attribute) }),
      scopeSpans: z.array(z.object({ spans: z.array(Span) })),
    }),
  ),
})

export type CollectedSpan = z.infer<typeof Span> & { service: string }

/** Starts an OpenTelemetry collector that stores the spans that it receives over OTLP/HTTP. */
export const startCollector = async () => {
  const spans: CollectedSpan[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    for (const { resource, scopeSpans } of Traces.parse(JSON.parse(text)).resourceSpans) {
      const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? ''
      spans.push(...scopeSpans.flatMap((scope) => scope.spans).map((span) => ({ ...span, service })))
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The collector has no address')
  return {
    url: `http://127.0.0.1:${address.port}`,
    /** The spans of one trace. */
    trace: (traceId: string) => spans.filter((span) => span.traceId === traceId),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
