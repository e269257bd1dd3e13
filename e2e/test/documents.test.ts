import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { repositoryRoot } from '@pay-to-view/devstack/data-folder'
import { waitFor } from '@pay-to-view/devstack/wait'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'
import { z } from 'zod'

const stack = useStack()

const Manifest = z.object({ scripts: z.record(z.string(), z.string()).default({}) })

const read = (file: string) => readFileSync(path.join(repositoryRoot, file), 'utf8')

/** The shell commands of a document that are marked to be run, as one script. */
const runnable = (document: string) =>
  [...read(document).matchAll(/^```sh runnable\n(.*?)^```/gms)].map(([, block]) => block).join('')

/** A program that runs beside the test, with what it has written so far. */
const begin = ([program = '', ...args]: string[], env: Record<string, string>) => {
  const child = spawn(program, args, { cwd: repositoryRoot, env: { ...process.env, ...env } })
  const output = { text: '' }
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output.text += part))
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  return { output, ended }
}

const environment = async (user: string) => ({
  API: stack().stack.api,
  STRIPE: stack().stack.stripeApi,
  TOKEN: await stack().token(user),
  ADMIN_TOKEN: await stack().token('olga', { admin: true }),
})

test('docs/integration.md, from the purchase to the refund', async () => {
  const { output, ended } = begin(
    ['bash', '-euo', 'pipefail', '-c', runnable('docs/integration.md')],
    await environment(stack().newUser()),
  )
  expect({ code: await ended, text: output.text }).toMatchObject({ code: 0 })
  for (const said of [
    '"success":true',
    '"hasAccess":true',
    '"token":"ey',
    '"kty":"EC"',
    '"totalCount":1',
    '"amount":100',
    '"status":"Refunded"',
  ])
    expect(output.text).toContain(said)
})

test('docs/operations.md: a purchase is found, refunded and followed, and nothing is left to reconcile', async () => {
  const { stack: where, home, logFolder: logs, newUser, client, create, pay, waitForStatus } = stack()
  const viewer = await client(newUser())
  const { purchaseId, sessionId } = await create(viewer)
  await pay(sessionId)
  await waitForStatus(viewer, purchaseId, 'Completed')
  const { output, ended } = begin(['bash', '-euo', 'pipefail', '-c', runnable('docs/operations.md')], {
    ...(await environment('olga')),
    ...{ PURCHASE: purchaseId, LOGS: logs, PAY_TO_VIEW_HOME: home.path, DATABASE_URL: where.databaseUrl },
    ...{ TEMPORAL_ADDRESS: where.temporalAddress, TEMPORAL_NAMESPACE: where.temporalNamespace },
    ...{ STRIPE_SECRET_KEY: 'sk_test_dashboard', STRIPE_API_BASE: where.stripeApi },
  })
  expect({ code: await ended, text: output.text }).toMatchObject({ code: 0 })
  for (const said of ['**Completed** – Nosferatu', 'amountRefunded:100', '"msg":"stripe call"'])
    expect(output.text).toContain(said)
}, 120_000)

test.each([
  ['purchase.ts', [process.execPath, '--import', 'tsx']],
  ['purchase.sh', ['bash']],
])('packages/client/examples/%s buys a film in under 40 lines', async (name, command) => {
  const file = `packages/client/examples/${name}`
  expect(read(file).split('\n').length).toBeLessThan(40)
  const { output, ended } = begin(
    [...command, file, seedIds.film, seedIds.permanentProduct],
    await environment(stack().newUser()),
  )
  const session = await waitFor('the checkout', () => /cs_test_[A-Za-z0-9]+/.exec(output.text)?.[0], { timeoutMs: 20_000 })
  expect(await stack().pay(session)).toBe(200)
  expect({ code: await ended, text: output.text }).toEqual({
    code: 0,
    text: expect.stringMatching(/Access: permanent|"hasAccess":true/),
  })
})

test('every npm command and every file that a document names is there', () => {
  const scriptsOf = (folder: string) => {
    const manifest = path.join(folder, 'package.json')
    return existsSync(path.join(repositoryRoot, manifest)) ? Object.keys(Manifest.parse(JSON.parse(read(manifest))).scripts) : []
  }
  const inside = (folder: string) => readdirSync(path.join(repositoryRoot, folder)).map((name) => path.join(folder, name))
  const folders = ['.', 'docs', 'docs/decisions', ...inside('apps'), ...inside('packages')]
  const documents = folders.flatMap(inside).filter((file) => file.endsWith('.md'))
  expect(documents.length).toBeGreaterThan(10)
  for (const document of documents) {
    const text = read(document)
    const commands = [...text.matchAll(/npm run (?:--silent |-s )?([a-z][a-z:]*)/g)].map(([, name = '']) => name)
    const known = [...scriptsOf('.'), ...scriptsOf(path.dirname(document))]
    expect({ document, unknown: commands.filter((name) => !known.includes(name)) }).toEqual({ document, unknown: [] })
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, to = '']) => path.join(path.dirname(document), to))
    const files = [...text.matchAll(/`((?:[\w-]+\/)+[\w.-]+\.(?:tsx?|css|sh|json|ya?ml|md|sql|webm))`/g)].map(
      ([, file = '']) => file,
    )
    const isThere = (file: string) =>
      [file, path.join(path.dirname(document), file)].some((at) => existsSync(path.join(repositoryRoot, at)))
    const gone = [...links.filter((to) => !existsSync(path.join(repositoryRoot, to))), ...files.filter((file) => !isThere(file))]
    expect({ document, gone }).toEqual({ document, gone: [] })
  }
})
