import { expect, test } from 'vitest'
import { z } from 'zod'
import { bundleTestWorkflows, silenceTemporalLogs } from './environment/workflow-bundle.ts'

const SourceMap = z.object({ sources: z.array(z.string()) })

/** Workflow code may contain only our modules below and what @temporalio/workflow itself needs. */
const ours = /\/(packages\/purchase\/src\/|packages\/workflow-client\/src\/messages\.ts$|temporal\/workflows\/)/
const dependencies = /\/node_modules\/(@temporalio\/(common|workflow)|nexus-rpc|ms|long)\//

test('the workflow bundle is small and contains neither zod, Stripe nor the database', async () => {
  silenceTemporalLogs()
  const { code } = await bundleTestWorkflows()
  const [source = '', map = ''] = code.split('//# sourceMappingURL=data:application/json;charset=utf-8;base64,')
  // The bundle is about 570 kB in size, of which 85 kB is our own code. A much larger bundle once exhausted the memory of the workflow
  // sandbox.
  expect(source.length).toBeLessThan(700_000)
  const { sources } = SourceMap.parse(JSON.parse(Buffer.from(map, 'base64').toString()))
  const files = sources.filter((file) => file.startsWith('/'))
  expect(files.filter((file) => ours.test(file)).length).toBeGreaterThan(8)
  expect(files.filter((file) => !ours.test(file) && !dependencies.test(file))).toEqual([])
})
