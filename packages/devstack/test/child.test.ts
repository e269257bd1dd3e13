import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runChild } from '../src/child.ts'
import { createTemporaryDataFolder, removeDataFolder } from '../src/index.ts'

const dataFolder = createTemporaryDataFolder()
afterAll(() => removeDataFolder(dataFolder))

test('a program that fails is reported with its own output, without that of earlier runs', async () => {
  const log = path.join(dataFolder.path, 'child.log')
  writeFileSync(log, 'héllo of an earlier run\n'.repeat(20))
  const args = ['-e', 'console.error("MUX_SIGNING_PRIVATE_KEY is missing"); process.exit(2)']
  await expect(runChild({ name: 'API server', command: process.execPath, args, log })).rejects.toThrow(
    `API server failed (exit code 2). The end of its log (${log}):\n  MUX_SIGNING_PRIVATE_KEY is missing`,
  )
})
