import { expect, test } from 'vitest'
import { z } from 'zod'
import { bundle, quiet } from './environment/workflow-bundle.ts'

const SourceMap = z.object({ sources: z.array(z.string()) })

/** What workflow code may consist of: ours, and what @temporalio/workflow itself needs. */
const ours = /\/(packages\/purchase\/src\/|temporal\/contract\.ts$|temporal\/workflows\/)/
const theirs = /\/node_modules\/(@temporalio\/(common|workflow)|nexus-rpc|ms|long)\//

test('the bundle of the workflows is small and holds neither zod, Stripe nor the database', async () => {
  quiet()
  const { code } = await bundle()
  const [source = '', map = ''] = code.split('//# sourceMappingURL=data:application/json;charset=utf-8;base64,')
  // 573 kB when this was written, 40 of them ours. A large one has exhausted the memory of the workflow sandbox.
  expect(source.length).toBeLessThan(700_000)
  const { sources } = SourceMap.parse(JSON.parse(Buffer.from(map, 'base64').toString()))
  const files = sources.filter((file) => file.startsWith('/'))
  expect(files.filter((file) => ours.test(file)).length).toBeGreaterThan(8)
  expect(files.filter((file) => !ours.test(file) && !theirs.test(file))).toEqual([])
})
