import { existsSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import path from 'node:path'
import { createPayToViewClient } from '@pay-to-view/client'
import { afterAll, expect, test } from 'vitest'
import { createTemporaryDataFolder, issueToken, removeDataFolder, seedIds } from '../src/index.ts'
import { defaultPorts } from '../src/ports.ts'
import { waitFor } from '../src/wait.ts'
import { payToView, processesOf, resultOf, run, runningNames, start, waitUntilReady } from './command.ts'

const dataFolder = createTemporaryDataFolder()
afterAll(() => removeDataFolder(dataFolder))

const clientOfAlice = async (api: string) => createPayToViewClient({ url: api, token: await issueToken(dataFolder, 'alice') })
const postmasterPid = path.join(dataFolder.postgres, 'data/postmaster.pid')

/** Expects that the stack has left no processes and no lock behind. */
const expectNothingLeft = (processes: ReturnType<typeof processesOf>) => {
  expect(runningNames(processes)).toEqual([])
  const locks = [dataFolder.stackFile, dataFolder.runFile, postmasterPid]
  expect(locks.filter((file) => existsSync(file))).toEqual([])
}

/** Listens on a port unless another program is already listening. Returns a function that releases the port. */
const occupyPort = (port: number) =>
  new Promise<() => void>((resolve) => {
    const server = createServer().once('error', () => resolve(() => undefined))
    server.listen(port, '127.0.0.1', () => resolve(() => server.close()))
  })

test('npm start runs the stack, and the commands that it prints buy a film', async () => {
  const releasePort = await occupyPort(defaultPorts.api)
  const npm = start(dataFolder, {}, ['npm', 'start'])
  const stack = await waitUntilReady(dataFolder, npm)
  releasePort()
  expect(npm.output.text).toContain(`Port ${defaultPorts.api} (api) is taken: using ${new URL(stack.api).port}`)
  expect(statSync(dataFolder.stackFile).mode & 0o777).toBe(0o600)
  for (const url of [stack.web, stack.api, `${stack.api}/docs`, stack.temporalUi, stack.stripeApi, stack.mail])
    expect(npm.output.text).toContain(url ?? 'missing')

  const commands = /Buy a film:\n\n(.*)\n\nPress Ctrl-C/s.exec(npm.output.text)?.[1] ?? ''
  const purchase = await resultOf(run(dataFolder, ['bash', '-c', commands]))
  expect(purchase.text).toContain('"success":true')
  expect(purchase.text).toContain('"status":"Completed"')

  const { pid } = processesOf(dataFolder)[0] ?? {}
  for (const command of ['start', 'reset']) {
    const rejected = await resultOf(payToView(dataFolder, [command]))
    expect(rejected.code).toBe(1)
    expect(rejected.text).toContain(`(process ${pid})`)
  }

  // npm cannot forward SIGKILL, so the stack has to detect that npm has ended.
  const processes = processesOf(dataFolder)
  npm.child.kill('SIGKILL')
  await waitFor('the stack to stop', () => runningNames(processes).length === 0, { timeoutMs: 30_000 })
  expectNothingLeft(processes)
}, 180_000)

test('after kill -9, the next start cleans up and keeps the data; a service that crashes is restarted', async () => {
  const killed = start(dataFolder)
  await waitUntilReady(dataFolder, killed)
  const orphans = processesOf(dataFolder)
  killed.child.kill('SIGKILL')
  await killed.exit
  expect(runningNames(orphans).length).toBeGreaterThan(3)

  const next = start(dataFolder, { CONSENT: 'eu' })
  const stack = await waitUntilReady(dataFolder, next)
  expect(next.output.text).toContain('Stopping Postgres (process')
  expect(runningNames(orphans)).toEqual([])
  const client = await clientOfAlice(stack.api)
  const { items } = await client.purchases.list.query({})
  expect(items).toMatchObject([{ status: 'Completed', hasAccess: true }])

  // The printed commands and the demo give the consent that the server requires.
  expect(next.output.text).toContain('"consent":{"immediateAccess":true,"withdrawalWaived":true}')
  expect(await resultOf(payToView(dataFolder, ['demo']))).toMatchObject({ code: 0, text: expect.stringContaining('"consent":{') })

  const processes = processesOf(dataFolder)
  process.kill(processes.find(({ name }) => name === 'API server')?.pid ?? 0, 'SIGKILL')
  const isRestarted = () => next.output.text.includes('API server is running again')
  await waitFor('the API server to restart', isRestarted, { timeoutMs: 30_000 })

  // Stripe's own CLI works with the emulator.
  const cli = createRequire(import.meta.url).resolve('@stripe/cli/bin/shim.js')
  const intent = items[0]?.externalTransactionId ?? ''
  const target = ['--api-base', stack.stripeApi, '--api-key', 'sk_test_cli1234567890']
  const refund = run(dataFolder, [process.execPath, cli, 'refunds', 'create', '--payment-intent', intent, ...target], {
    XDG_CONFIG_HOME: dataFolder.path,
  })
  expect((await resultOf(refund)).text).toContain('"object": "refund"')
  const isRevoked = async () => !(await client.access.check.query({ entityId: seedIds.film })).hasAccess
  await waitFor('the access to end', isRevoked, { timeoutMs: 30_000 })

  const current = processesOf(dataFolder)
  next.child.kill('SIGTERM')
  const isRemoved = () => !existsSync(dataFolder.stackFile)
  await waitFor('stack.json to be removed', isRemoved, { timeoutMs: 1000, intervalMs: 5 })
  expect(await next.exit).toBe(0)
  expectNothingLeft([...processes, ...current])
}, 180_000)

test('SIGTERM during the start leaves nothing behind; reset deletes the data', async () => {
  const starting = start(dataFolder)
  const hasProcesses = () => existsSync(dataFolder.runFile) && processesOf(dataFolder).length > 2
  await waitFor('processes', hasProcesses, { timeoutMs: 30_000 })
  const processes = processesOf(dataFolder)
  starting.child.kill('SIGTERM')
  expect(await starting.exit).toBe(0)
  expectNothingLeft(processes)

  expect(existsSync(dataFolder.postgres)).toBe(true)
  expect(await resultOf(payToView(dataFolder, ['reset']))).toMatchObject({ code: 0 })
  const { postgres, temporalDb, emulatorData, secrets, runFile } = dataFolder
  expect([postgres, temporalDb, emulatorData, secrets, runFile].filter((file) => existsSync(file))).toEqual([])
}, 60_000)

test('invalid arguments are explained, with exit code 2', async () => {
  const invalid: [string[], RegExp][] = [
    [['start', '--fast'], /unknown option '--fast'/],
    [['stop'], /unknown command 'stop'/],
    [['token'], /--user.*npm run token -- --user alice/s],
    [['token', '--user', 'alice', '--ttl', 'soon'], /--ttl.*such as 1h/s],
  ]
  for (const [args, explanation] of invalid) {
    const { code, text } = await resultOf(payToView(dataFolder, args))
    expect({ args, code }).toEqual({ args, code: 2 })
    expect(text).toMatch(explanation)
  }
  for (const name of ['start', 'dev', 'setup', 'token', 'demo', 'reset']) {
    const { code, text } = await resultOf(payToView(dataFolder, [name, '--help']))
    expect(code).toBe(0)
    expect(text).toContain(`Usage: npm `)
  }
}, 180_000)
