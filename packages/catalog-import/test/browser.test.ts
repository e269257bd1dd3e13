import path from 'node:path'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

test('the back office can bundle the parsers: they use nothing from Node', async () => {
  const { outputFiles, warnings } = await build({
    entryPoints: [path.resolve(import.meta.dirname, '../src/index.ts')],
    ...{ bundle: true, write: false, platform: 'browser', format: 'esm', minify: true, logLevel: 'silent' },
  })
  // sax uses Node's streams if they exist, but also works without them.
  expect(warnings.filter(({ text }) => !text.includes('"stream"'))).toEqual([])
  expect(outputFiles[0]?.text).not.toMatch(/from ?"node:/)
})
