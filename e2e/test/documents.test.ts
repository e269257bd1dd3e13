import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { repositoryRoot } from '@pay-to-view/devstack'
import { waitFor } from '@pay-to-view/devstack/wait'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { z } from 'zod'

const stack = useStack()

const Manifest = z.object({ scripts: z.record(z.string(), z.string()).default({}) })

const read = (file: string) => readFileSync(path.join(repositoryRoot, file), 'utf8')

/** Returns the document's code blocks that are marked `sh runnable`, as one script. */
const runnable = (document: string) =>
  [...read(document).matchAll(/^```sh runnable\n(.*?)^```/gms)].map(([, block]) => block).join('')

/** Starts a program. `output` is everything that the program has written so far. */
const start = ([program = '', ...args]: string[], env: Record<string, string>) => {
  const child = execa(program, args, { cwd: repositoryRoot, env, all: true, reject: false })
  const output = { text: '' }
  child.all.on('data', (chunk: Buffer) => (output.text += chunk))
  return { output, exitCode: child.then(({ exitCode }) => exitCode) }
}

const environmentFor = async (user: string) => ({
  API: stack().stack.api,
  STRIPE: stack().stack.stripeApi,
  TOKEN: await stack().token(user),
  ADMIN_TOKEN: await stack().token('olga', { admin: true }),
})

test('the commands in docs/integration.md work, from the purchase to the refund', async () => {
  const { output, exitCode } = start(
    ['bash', '-euo', 'pipefail', '-c', runnable('docs/integration.md')],
    await environmentFor(stack().newUser()),
  )
  expect({ code: await exitCode, text: output.text }).toMatchObject({ code: 0 })
  for (const expected of [
    '"success":true',
    '"hasAccess":true',
    '"token":"ey',
    '"kty":"EC"',
    '"totalCount":1',
    '"amount":100',
    '"status":"Refunded"',
  ])
    expect(output.text).toContain(expected)
})

test('the commands in docs/operations.md find, refund and trace a purchase, and leave nothing to reconcile', async () => {
  const { stack: addresses, dataFolder, newUser, client, create, pay, waitForStatus } = stack()
  const user = await client(newUser())
  const { purchaseId, sessionId } = await create(user)
  await pay(sessionId)
  await waitForStatus(user, purchaseId, 'Completed')
  const { output, exitCode } = start(['bash', '-euo', 'pipefail', '-c', runnable('docs/operations.md')], {
    ...(await environmentFor('olga')),
    ...{ PURCHASE: purchaseId, LOGS: dataFolder.logs, PAY_TO_VIEW_HOME: dataFolder.path, DATABASE_URL: addresses.databaseUrl },
    ...{ TEMPORAL_ADDRESS: addresses.temporalAddress, TEMPORAL_NAMESPACE: addresses.temporalNamespace },
    ...{ STRIPE_SECRET_KEY: 'sk_test_dashboard', STRIPE_API_BASE: addresses.stripeApi },
  })
  expect({ code: await exitCode, text: output.text }).toMatchObject({ code: 0 })
  for (const expected of ['**Completed** – Nosferatu', 'amountRefunded:100', '"msg":"stripe call"'])
    expect(output.text).toContain(expected)
}, 240_000)

test.each([
  ['purchase.ts', [process.execPath, '--import', 'tsx']],
  ['purchase.sh', ['bash']],
])('packages/client/examples/%s buys a film in under 40 lines', async (name, command) => {
  const file = `packages/client/examples/${name}`
  expect(read(file).split('\n').length).toBeLessThan(40)
  const { output, exitCode } = start(
    [...command, file, seedIds.film, seedIds.permanentProduct],
    await environmentFor(stack().newUser()),
  )
  const session = await waitFor('the checkout', () => /cs_test_[A-Za-z0-9]+/.exec(output.text)?.[0], { timeoutMs: 20_000 })
  expect(await stack().pay(session)).toBe(200)
  expect({ code: await exitCode, text: output.text }).toEqual({
    code: 0,
    text: expect.stringMatching(/Access: permanent|"hasAccess":true/),
  })
})

test('llms.txt lists every page of the documentation, and every page that it lists exists', () => {
  const listed = [...read('llms.txt').matchAll(/^- \[[^\]]+\]\(([^)]+)\): \S/gm)].map(([, file = '']) => file)
  const pages = ['docs', 'docs/decisions'].flatMap((folder) =>
    readdirSync(path.join(repositoryRoot, folder)).map((name) => path.join(folder, name)),
  )
  expect(listed).toEqual(expect.arrayContaining(pages.filter((page) => page.endsWith('.md'))))
  expect(listed.filter((file) => !existsSync(path.join(repositoryRoot, file)))).toEqual([])
  expect(new Set(listed).size).toBe(listed.length)
})

test('every npm command and every file mentioned in a document exists', () => {
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
    const commands = [...text.matchAll(/npm run (?:--silent |-s )?([a-z][a-z:-]*)/g)].map(([, name = '']) => name)
    const scripts = [...scriptsOf('.'), ...scriptsOf(path.dirname(document))]
    expect({ document, unknown: commands.filter((name) => !scripts.includes(name)) }).toEqual({ document, unknown: [] })
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, to = '']) => path.join(path.dirname(document), to))
    const files = [...text.matchAll(/`((?:[\w-]+\/)+[\w.-]+\.(?:tsx?|css|sh|json|ya?ml|md|sql|webm))`/g)].map(
      ([, file = '']) => file,
    )
    // Files that the document tells the reader to create from a code block.
    const created = [...text.matchAll(/^```\w+ (\S+\.\w+)$/gm)].map(([, file = '']) => file)
    const exists = (file: string) =>
      created.some((path) => path.endsWith(`/${file}`)) ||
      [file, path.join(path.dirname(document), file)].some((at) => existsSync(path.join(repositoryRoot, at)))
    const missing = [
      ...links.filter((to) => !existsSync(path.join(repositoryRoot, to))),
      ...files.filter((file) => !exists(file)),
    ]
    expect({ document, missing }).toEqual({ document, missing: [] })
  }
})
