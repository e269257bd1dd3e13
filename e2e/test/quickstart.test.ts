import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { repositoryRoot } from '@pay-to-view/devstack'
import { freePort } from '@pay-to-view/devstack/ports'
import { respondsOk, waitFor } from '@pay-to-view/devstack/wait'
import { fillCard, useBrowser } from '@pay-to-view/testing/browser'
import { useStack } from '@pay-to-view/testing/stack'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { readSections, toScript } from './quickstart/document.ts'

// Executes every code block of docs/quickstart.md, as a reader would, in a folder outside the workspace. Only addresses are replaced.

const stack = useStack()
const open = useBrowser(stack)
const sections = readSections('docs/quickstart.md')
const folder = mkdtempSync(path.join(tmpdir(), 'quickstart-'))
const stateFile = path.join(folder, 'state.sh')
/** Maps the port of each page in the document to the port used here. */
const ports = new Map<string, number>()

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const blocksOf = (section: string) => {
  const blocks = sections.get(section)
  if (!blocks) throw new Error(`docs/quickstart.md has no section "${section}"`)
  return blocks
}

const withAddresses = (text: string) => {
  const { api, issuer, stripeApi } = stack().stack
  const replaced = text
    .replaceAll('http://127.0.0.1:3000', api)
    .replaceAll('http://127.0.0.1:3001', issuer)
    .replaceAll('http://127.0.0.1:12111', stripeApi)
    .replaceAll('../quickstart', folder)
  return replaced.replaceAll(/\b400[012]\b/g, (port) => String(ports.get(port)))
}

/** Variables of `npm test` and vitest that would change the behavior of npm, Vite and Next.js. */
const ofTheTest = /^(npm_(package|lifecycle|command|config_(local_|global_)?prefix)|VITE|TEST|NODE_ENV$|NODE_PATH$|INIT_CWD$)/

const readersEnvironment = () => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofTheTest.test(name))),
  ...{ npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false', NEXT_TELEMETRY_DISABLED: '1' },
  ...{ PAY_TO_VIEW_HOME: stack().dataFolder.path, DATABASE_URL: stack().stack.databaseUrl },
})

/** Starts a script with a section's code blocks, in the shell state that earlier sections left. */
const start = (section: string) => {
  const script = `[ -f '${stateFile}' ] && . '${stateFile}'\n${withAddresses(toScript(blocksOf(section), folder))}`
  const child = execa(
    'bash',
    ['-euo', 'pipefail', '-c', `${script}\nexport -p > '${stateFile}'\necho "cd '$PWD'" >> '${stateFile}'`],
    {
      ...{ cwd: repositoryRoot, env: readersEnvironment(), extendEnv: false, stdin: 'ignore' },
      // The shell gets its own process group, so the servers that it starts can be stopped.
      ...{ detached: true, all: true, reject: false },
    },
  )
  const stop = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // All processes in the group have already ended.
    }
  }
  return { child, stop }
}

const run = async (section: string): Promise<string> => {
  const { exitCode, all } = await start(section).child
  expect({ exitCode, all }).toMatchObject({ exitCode: 0 })
  return all
}

/** Runs a section's commands, which start a server, then buys the film in the browser and waits until the page has changed. */
const buyOnPage = async (section: string, url: string) => {
  const { child, stop } = start(section)
  onTestFinished(stop)
  const ended = child.then(({ all }) => Promise.reject(new Error(`The commands have ended: ${all}`)))
  const address = withAddresses(url)
  await Promise.race([ended, waitFor(address, () => respondsOk(address), { timeoutMs: 150_000, intervalMs: 200 })])
  const { page, errors } = await open(address)
  await page.getByRole('button', { name: 'Buy for $4.99' }).click()
  await fillCard(page, '4242424242424242')
  await page.getByRole('heading', { name: 'You own this film' }).waitFor()
  expect(errors).toEqual([])
}

beforeAll(async () => {
  for (const port of ['4000', '4001', '4002']) ports.set(port, await freePort())
  await run('1. Start the stack and build the packages')
  await run('2. Put your film up for sale')
}, 180_000)

test('React with Vite: an empty app becomes a page that sells the film', async () => {
  await buyOnPage('React with Vite', 'http://localhost:4000')
  const answer = await run('Check access on your server')
  expect(answer).toContain('"hasAccess":true')
}, 180_000)

test('the packages also have types with moduleResolution nodenext', async () => {
  const app = path.join(folder, 'shop')
  writeFileSync(
    path.join(app, 'src/backend.ts'),
    `import { createPayToViewClient } from '@pay-to-view/client'
const backend = createPayToViewClient({ url: '', token: process.env.API_KEY })
const answer = backend.admin.users.access.query({ userId: 'alice', entityId: ['my-first-film'] })
export const hasAccess = answer.then(({ items }): boolean | undefined => items[0]?.hasAccess)
// @ts-expect-error entityId is a list
backend.admin.users.access.query({ userId: 'alice', entityId: 1 })
`,
  )
  const compilerOptions = { module: 'nodenext', moduleResolution: 'nodenext', types: ['vite/client', 'node'] }
  writeFileSync(path.join(app, 'tsconfig.nodenext.json'), JSON.stringify({ extends: './tsconfig.app.json', compilerOptions }))
  const { all } = await execa('npx', ['tsc', '-p', 'tsconfig.nodenext.json'], { cwd: app, all: true, reject: false })
  expect(all).toBe('')
})

test('one HTML page sells the film without a bundler', async () => {
  await buyOnPage('One HTML page', 'http://127.0.0.1:4001')
})

// Next.js is installed from the registry, so only .ci/run enables this test.
test.runIf(process.env.QUICKSTART_NEXT === 'true')(
  'Next.js: the server renders the film for its buyer',
  async () => {
    await buyOnPage('Next.js', 'http://localhost:4002')
  },
  180_000,
)

test('every code block belongs to a step that is executed, and the README of packages/react contains the same app', () => {
  const executed = [
    ...['1. Start the stack and build the packages', '2. Put your film up for sale', 'React with Vite', 'One HTML page'],
    ...['Next.js', 'Check access on your server'],
  ]
  const withBlocks = [...sections].filter(([, blocks]) => blocks.length > 0).map(([section]) => section)
  expect(withBlocks).toEqual(executed)
  const app = blocksOf('React with Vite').find(({ info }) => info === 'shop/src/App.tsx')
  expect(readFileSync(path.join(repositoryRoot, 'packages/react/README.md'), 'utf8')).toContain(`\`\`\`tsx\n${app?.text}\`\`\``)
})
