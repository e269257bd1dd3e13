import { existsSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import path from 'node:path'
import { createPayToViewClient } from '@pay-to-view/client'
import { afterAll, expect, test } from 'vitest'
import { issueToken } from '../src/index.ts'
import { DEFAULT_PORTS } from '../src/ports.ts'
import { waitFor } from '../src/wait.ts'
import { newHome, outcome, payToView, processesOf, remove, run, start, stillAlive, whenReady } from './command.ts'

const home = newHome()
afterAll(() => remove(home))

const film = 'vid_01m85eetz2e8qthwsqr5v0dh8g'
const alice = async (api: string) => createPayToViewClient({ url: api, token: await issueToken(home, 'alice') })
const postmasterPid = path.join(home.postgres, 'data/postmaster.pid')

/** Nothing is left of a stack: no process, no lock. */
const expectNothingLeft = (processes: ReturnType<typeof processesOf>) => {
  expect(stillAlive(processes)).toEqual([])
  expect([home.stackFile, home.runFile, postmasterPid].filter((file) => existsSync(file))).toEqual([])
}

/** Takes a port, unless somebody else has it already. */
const take = (port: number) =>
  new Promise<() => void>((resolve) => {
    const server = createServer().once('error', () => resolve(() => undefined))
    server.listen(port, '127.0.0.1', () => resolve(() => server.close()))
  })

test('npm start runs everything, and what it prints buys a film', async () => {
  const give = await take(DEFAULT_PORTS.api)
  const npm = start(home, {}, ['npm', 'start'])
  const stack = await whenReady(home, npm)
  give()
  expect(npm.output.text).toContain(`Port ${DEFAULT_PORTS.api} (api) is taken: using ${new URL(stack.api).port}`)
  expect(statSync(home.stackFile).mode & 0o777).toBe(0o600)
  for (const url of [stack.web, stack.api, `${stack.api}/docs`, stack.temporalUi, stack.stripeApi])
    expect(npm.output.text).toContain(url ?? 'nothing')

  const printed = /Buy something:\n\n(.*)\n\nCtrl-C/s.exec(npm.output.text)?.[1] ?? ''
  const bought = await outcome(run(home, ['bash', '-c', printed]))
  expect(bought.text).toContain('"success":true')
  expect(bought.text).toContain('"status":"Completed"')

  // Again, by another start, and with the data in use.
  const { pid } = processesOf(home)[0] ?? {}
  for (const command of ['start', 'reset']) {
    const refused = await outcome(payToView(home, [command]))
    expect(refused.code).toBe(1)
    expect(refused.text).toContain(`(process ${pid})`)
  }

  // npm itself cannot pass on the signal that kills it.
  const processes = processesOf(home)
  npm.child.kill('SIGKILL')
  await waitFor('the stack to stop', () => stillAlive(processes).length === 0, { within: 30_000 })
  expectNothingLeft(processes)
}, 180_000)

test('after a kill -9 the next start cleans up and has the data of before; a part that crashes is started again', async () => {
  const killed = start(home)
  await whenReady(home, killed)
  const left = processesOf(home)
  killed.child.kill('SIGKILL')
  await killed.ended
  expect(stillAlive(left).length).toBeGreaterThan(3)

  const next = start(home)
  const stack = await whenReady(home, next)
  expect(next.output.text).toContain('Stopping Postgres (process')
  expect(stillAlive(left)).toEqual([])
  const client = await alice(stack.api)
  const { items } = await client.purchases.list.query({})
  expect(items).toMatchObject([{ status: 'Completed', hasAccess: true }])

  const processes = processesOf(home)
  process.kill(processes.find(({ name }) => name === 'API server')?.pid ?? 0, 'SIGKILL')
  await waitFor('it to be back', () => next.output.text.includes('API server is back'), { within: 30_000 })

  // Stripe's own CLI, against the local Stripe.
  const cli = createRequire(import.meta.url).resolve('@stripe/cli/bin/shim.js')
  const intent = items[0]?.externalTransactionId ?? ''
  const to = ['--api-base', stack.stripeApi, '--api-key', 'sk_test_cli1234567890']
  const nowhere = { XDG_CONFIG_HOME: home.folder }
  const refund = run(home, [process.execPath, cli, 'refunds', 'create', '--payment-intent', intent, ...to], nowhere)
  expect((await outcome(refund)).text).toContain('"object": "refund"')
  const gone = async () => !(await client.access.check.query({ entityId: film })).hasAccess
  await waitFor('access to be gone', gone, { within: 30_000 })

  const now = processesOf(home)
  next.child.kill('SIGTERM')
  await waitFor('stack.json to be gone', () => !existsSync(home.stackFile), { within: 1000, every: 5 })
  expect(await next.ended).toBe(0)
  expectNothingLeft([...processes, ...now])
}, 180_000)

test('SIGTERM during the start leaves nothing; reset deletes the data', async () => {
  const early = start(home)
  await waitFor('processes', () => existsSync(home.runFile) && processesOf(home).length > 2, { within: 30_000 })
  const processes = processesOf(home)
  early.child.kill('SIGTERM')
  expect(await early.ended).toBe(0)
  expectNothingLeft(processes)

  expect(existsSync(home.postgres)).toBe(true)
  expect(await outcome(payToView(home, ['reset']))).toMatchObject({ code: 0 })
  expect(
    [home.postgres, home.temporalDb, home.emulatorData, home.secrets, home.runFile].filter((file) => existsSync(file)),
  ).toEqual([])
}, 60_000)

test('wrong arguments are said, with exit code 2', async () => {
  const wrong: [string[], RegExp][] = [
    [['start', '--fast'], /unknown option '--fast'/],
    [['stop'], /unknown command 'stop'/],
    [['token'], /--user.*npm run token -- --user alice/s],
    [['token', '--user', 'alice', '--ttl', 'soon'], /--ttl.*such as 1h/s],
  ]
  for (const [args, said] of wrong) {
    const { code, text } = await outcome(payToView(home, args))
    expect({ args, code }).toEqual({ args, code: 2 })
    expect(text).toMatch(said)
  }
  for (const name of ['start', 'dev', 'token', 'demo', 'reset']) {
    const { code, text } = await outcome(payToView(home, [name, '--help']))
    expect(code).toBe(0)
    expect(text).toContain(`Usage: npm `)
  }
}, 60_000)
