import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { expect, test } from 'vitest'

test('the client bundle contains no server code and is below 20 kB', async () => {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, lib: { entry: 'packages/client/src/index.ts', formats: ['es'] }, minify: true },
  })
  const outputs = Array.isArray(result) ? result : [result]
  const chunks = outputs
    .flatMap((output) => ('output' in output ? output.output : []))
    .filter((output) => output.type === 'chunk')
  const modules = chunks.flatMap((chunk) => Object.keys(chunk.modules))
  expect(modules.length).toBeGreaterThan(1)
  const serverModule =
    /packages\/(api|bundle|db|devstack|environment|ingestion|purchase|stripe|telemetry|workflow-client)\/|\/temporal\/|@trpc\/server\/dist\/adapters|node_modules\/(fastify|@prisma|@temporalio|stripe|zod|pg|jose|pino)\//
  expect(modules.filter((module) => serverModule.test(module))).toEqual([])
  expect(gzipSync(chunks.map((chunk) => chunk.code).join('')).length).toBeLessThan(20_000)
})
