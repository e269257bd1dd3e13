import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { repositoryRoot } from '@pay-to-view/devstack'
import { defaultOf, setVariables } from '@pay-to-view/environment'
import { environments } from '@pay-to-view/ops/environment'
import { environment as server, webhookConcurrency } from '@pay-to-view/server/environment'
import { Env as emulator } from '@pay-to-view/stripe-emulator/environment'
import { environment as web } from '@pay-to-view/web/config-json'
import { environment as worker } from '@pay-to-view/worker/environment'
import { expect, test } from 'vitest'
import type { z } from 'zod'

const file = path.join(repositoryRoot, 'docs/options.md')
const ops = { shape: { ...environments.preflight.shape, ...environments.all.shape, ...environments.doctor.shape } }
const processes = { server, worker, ops, web, 'stripe-emulator': emulator }

interface Option {
  processes: string[]
  default: string
  description: string
}

/** Returns an option's default as the table shows it, or "–" for an optional option without a default. */
const defaultText = (schema: z.ZodType): string => {
  const fallback = defaultOf(schema)
  return fallback === null ? '–' : 'value' in fallback ? `\`${fallback.value}\`` : 'required'
}

/** Formats a Markdown table in which every column is as wide as its widest cell. */
const markdownTable = (rows: string[][]): string => {
  const [head = [], ...body] = rows
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}

const optionsTable = (): string => {
  const options = new Map<string, Option>()
  for (const [process, { shape }] of Object.entries(processes)) {
    for (const [name, schema] of Object.entries<z.ZodType>(shape)) {
      const description = schema.description ?? ''
      const text = defaultText(schema)
      const key = `${name} ${text} ${description}`
      options.set(key, { description, default: text, processes: [...(options.get(key)?.processes ?? []), process] })
    }
  }
  const rows = [...options]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, option]) => [`\`${key.split(' ')[0]}\``, option.processes.join(', '), option.default, option.description])
  return markdownTable([
    ['variable', 'read by', 'default', 'description'],
    ...rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|'))),
  ])
}

test('docs/options.md lists every option of every process', () => {
  const page = `# Options

Every option of every process is an environment variable. A process checks its variables when it starts. If a variable is invalid, the process prints the variable's name and exits.
\`UPDATE_OPTIONS=1 npx vitest run e2e/test/options.test.ts\` generates this page from the schemas.

${optionsTable()}
`
  if (process.env.UPDATE_OPTIONS) writeFileSync(file, page)
  expect(readFileSync(file, 'utf8')).toBe(page)
})

const valid = {
  ...{ DATABASE_URL: 'postgresql://127.0.0.1/shop', STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' },
  ...{ AUTH_ISSUER: 'https://id.example.com', AUTH_AUDIENCE: 'shop', AUTH_JWKS_URL: 'https://id.example.com/jwks' },
}
const validKey = {
  kty: 'EC',
  crv: 'P-256',
  kid: 'one',
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
}
const keySet = (...keys: object[]) => JSON.stringify({ keys })

test.each([
  ['server', 'TRUST_PROXY', '10.0.0.0/99'],
  ['server', 'TRUST_PROXY', 'proxy.local'],
  ['server', 'WEB_ORIGINS', '*'],
  ['server', 'WEB_ORIGINS', 'https://shop.example.com/?a=b'],
  ['server', 'WEB_ORIGINS', 'http://localhost:*/shop'],
  ['server', 'RETURN_URL_ORIGINS', 'https://shop.example.com/done'],
  ['server', 'STRIPE_WEBHOOK_SECRET', 'sk_test_1'],
  ['server', 'STRIPE_WEBHOOK_SECRET', 'whsec_1,1'],
  ['server', 'STRIPE_WEBHOOK_SECRET', ' '],
  ['server', 'STRIPE_SECRET_KEY', 'sk_test_'],
  ['server', 'STRIPE_API_BASE', 'ftp://stripe.example.com'],
  ['server', 'AUTH_JWKS_URL', 'ftp://id.example.com'],
  ['server', 'PLAYBACK_KEYS', keySet({ ...validKey, x: validKey.y })],
  ['server', 'PLAYBACK_KEYS', keySet(validKey, validKey)],
  ['server', 'PORT', 'http'],
  ['server', 'WEBHOOKS_AT_ONCE', '10'],
  ['worker', 'TEMPORAL_ADDRESS', 'http://127.0.0.1:7233'],
  ['worker', 'WORKFLOW_BUNDLE', '/nowhere/workflows.js'],
  ['worker', 'TEMPORAL_BUILD_ID', 'abc'],
] as const)('the %s rejects %s=%s', (process, name, value) => {
  const { error } = processes[process].safeParse(setVariables({ ...valid, [name]: value }))
  expect(error?.issues.map(({ path: [variable] }) => variable)).toEqual([name])
})

test('AUTH_JWKS must have at least one key, and only public keys', () => {
  const { AUTH_JWKS_URL: _, ...others } = valid
  for (const keys of ['{', keySet(), keySet({ kty: 'oct', k: 'AA' })]) {
    const { error } = server.safeParse(setVariables({ ...others, AUTH_JWKS: keys }))
    expect(error?.issues.map(({ path: [variable] }) => variable)).toContain('AUTH_JWKS')
  }
})

test('origins are normalized as browsers send them', () => {
  const origins = {
    WEB_ORIGINS: 'https://Shop.example.com/, http://127.0.0.1:5173, http://localhost:*',
    RETURN_URL_ORIGINS: 'http://localhost:*',
  }
  expect(server.safeParse(setVariables({ ...valid, ...origins })).data).toMatchObject({
    WEB_ORIGINS: ['https://shop.example.com', 'http://127.0.0.1:5173', 'http://localhost:*'],
    RETURN_URL_ORIGINS: ['http://localhost:*'],
  })
})

test('webhooks leave a database connection for users if there is more than one connection', () => {
  const concurrency = (DATABASE_POOL: string, WEBHOOKS_AT_ONCE: string) => {
    const { data } = server.safeParse(setVariables({ ...valid, DATABASE_POOL, WEBHOOKS_AT_ONCE }))
    return data && webhookConcurrency(data)
  }
  expect(['10', '5', '3', '2', '1'].map((pool) => concurrency(pool, ''))).toEqual([8, 3, 1, 1, 1])
  expect([concurrency('10', '9'), concurrency('2', '1'), concurrency('1', '1')]).toEqual([9, 1, 1])
  expect([concurrency('10', '10'), concurrency('5', '8'), concurrency('2', '2'), concurrency('1', '2')]).toEqual(
    Array(4).fill(undefined),
  )
})

test('a valid private key for playback tokens is accepted', () => {
  const { data } = server.safeParse(setVariables({ ...valid, PLAYBACK_KEYS: keySet(validKey) }))
  expect(data?.PLAYBACK_KEYS?.keys.map(({ kid }) => kid)).toEqual(['one'])
})

test('an empty variable counts as unset', () => {
  const empty = {
    RATE_LIMIT_USER: '',
    RATE_LIMIT_ADDRESS: ' ',
    PORT: '',
    DRAIN_SECONDS: '',
    TEMPORAL_API_KEY: '',
    PLAYBACK_KEYS: '',
  }
  const { data } = server.safeParse(setVariables({ ...valid, ...empty, WEB_ORIGINS: 'https://a.example,http://127.0.0.1:5173' }))
  expect(data).toMatchObject({ RATE_LIMIT_USER: 300, RATE_LIMIT_ADDRESS: 1_000, PORT: 3_000, DRAIN_SECONDS: 5 })
  expect([data?.TEMPORAL_API_KEY, data?.PLAYBACK_KEYS]).toEqual([undefined, undefined])
})
