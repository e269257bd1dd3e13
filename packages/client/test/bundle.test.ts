import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { expect, test } from 'vitest'

test('the client carries no server code and stays small', async () => {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, lib: { entry: 'packages/client/src/index.ts', formats: ['es'] }, minify: true },
  })
  const outputs = Array.isArray(built) ? built : [built]
  const chunks = outputs.flatMap((one) => ('output' in one ? one.output : [])).filter((one) => one.type === 'chunk')
  const modules = chunks.flatMap((chunk) => Object.keys(chunk.modules))
  expect(modules.length).toBeGreaterThan(1)
  const server =
    /packages\/(api|db|stripe|purchase|devstack)\/|\/temporal\/|@trpc\/server\/dist\/adapters|node_modules\/(fastify|@prisma|@temporalio|stripe|zod|pg|jose|pino)\//
  expect(modules.filter((module) => server.test(module))).toEqual([])
  expect(gzipSync(chunks.map((chunk) => chunk.code).join('')).length).toBeLessThan(20_000)
})
