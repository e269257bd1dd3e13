import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { findBrowser } from '../src/browser-binary.ts'
import { createTemporaryDataFolder, removeDataFolder } from '../src/index.ts'

const dataFolder = createTemporaryDataFolder()
afterAll(() => removeDataFolder(dataFolder))

// Playwright reads this variable when it is loaded, which happens during the first search.
process.env.PLAYWRIGHT_BROWSERS_PATH = path.join(dataFolder.path, 'no-browsers')

const createProgram = (name: string) => {
  const file = path.join(dataFolder.path, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, '')
  chmodSync(file, 0o755)
  return file
}

test('an installed browser is found, but CHROMIUM_PATH takes precedence', async () => {
  const chrome = createProgram('bin/google-chrome')
  const other = createProgram('other/chrome')
  const env = { PATH: path.dirname(chrome) }
  expect(await findBrowser(env, [])).toBe(chrome)
  expect(await findBrowser({ ...env, CHROMIUM_PATH: other }, [])).toBe(other)
  await expect(findBrowser({ ...env, CHROMIUM_PATH: '/nowhere' }, [])).rejects.toThrow('CHROMIUM_PATH is /nowhere')
})

test('without a browser, the error says how to get one', async () => {
  const message = await findBrowser({ PATH: '' }, []).catch(String)
  for (const way of ['apt-get install chromium', 'brew install', 'npx playwright-core install', 'CHROMIUM_PATH'])
    expect(message).toContain(way)
})
