import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { repositoryRoot } from '@pay-to-view/devstack/data-folder'
import { defaultOf, setVariables } from '@pay-to-view/environment'
import { environments } from '@pay-to-view/ops/environment'
import { environment as server, webhookConcurrency } from '@pay-to-view/server/environment'
import { Env as emulator } from '@pay-to-view/stripe-emulator/environment'
import { environment as web } from '@pay-to-view/web/config-json'
import { environment as worker } from '@pay-to-view/worker/environment'
import { expect, test } from 'vitest'
import type { z } from 'zod'

const file = path.join(repositoryRoot, 'docs/options.md')
const processes = { server, worker, ops: environments.all, web, 'stripe-emulator': emulator }

interface Option {
  processes: string[]
  fallback: string
  says: string
}

/** What applies without the variable, "–" for nothing. */
const without = (schema: z.ZodType): string => {
  const fallback = defaultOf(schema)
  return fallback === null ? '–' : 'value' in fallback ? `\`${fallback.value}\`` : 'required'
}

/** As the formatter has it: every column as wide as its widest cell. */
const markdown = (rows: string[][]): string => {
  const [head = [], ...body] = rows
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}

const table = (): string => {
  const options = new Map<string, Option>()
  for (const [process, { shape }] of Object.entries(processes)) {
    for (const [name, schema] of Object.entries<z.ZodType>(shape)) {
      const says = schema.description ?? ''
      const fallback = without(schema)
      const key = `${name} ${fallback} ${says}`
      options.set(key, { says, fallback, processes: [...(options.get(key)?.processes ?? []), process] })
    }
  }
  const rows = [...options]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, option]) => [`\`${key.split(' ')[0]}\``, option.processes.join(', '), option.fallback, option.says])
  return markdown([
    ['variable', 'read by', 'without it', 'what it is'],
    ...rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|'))),
  ])
}

test('docs/options.md names every option of every process', () => {
  const wanted = `# Options

Every option of every process is an environment variable, read once and checked at start: a wrong one is named and the process does not start.
\`UPDATE_OPTIONS=1 npx vitest run packages/devstack/test/options.test.ts\` writes this page from the schemas.

${table()}
`
  if (process.env.UPDATE_OPTIONS) writeFileSync(file, wanted)
  expect(readFileSync(file, 'utf8')).toBe(wanted)
})

const valid = {
  ...{ DATABASE_URL: 'postgresql://127.0.0.1/shop', STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' },
  ...{ AUTH_ISSUER: 'https://id.example.com', AUTH_AUDIENCE: 'shop', AUTH_JWKS_URL: 'https://id.example.com/jwks' },
}
const onCurve = {
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
  ['server', 'WEB_ORIGINS', 'http://localhost:*'],
  ['server', 'RETURN_URL_ORIGINS', 'https://shop.example.com/done'],
  ['server', 'STRIPE_WEBHOOK_SECRET', 'sk_test_1'],
  ['server', 'STRIPE_WEBHOOK_SECRET', 'whsec_1,1'],
  ['server', 'STRIPE_WEBHOOK_SECRET', ' '],
  ['server', 'STRIPE_SECRET_KEY', 'sk_test_'],
  ['server', 'STRIPE_API_BASE', 'ftp://stripe.example.com'],
  ['server', 'AUTH_JWKS_URL', 'ftp://id.example.com'],
  ['server', 'PLAYBACK_KEYS', keySet({ ...onCurve, x: onCurve.y })],
  ['server', 'PLAYBACK_KEYS', keySet(onCurve, onCurve)],
  ['server', 'PORT', 'http'],
  ['server', 'WEBHOOKS_AT_ONCE', '10'],
  ['worker', 'TEMPORAL_ADDRESS', 'http://127.0.0.1:7233'],
  ['worker', 'WORKFLOW_BUNDLE', '/nowhere/workflows.js'],
  ['worker', 'TEMPORAL_BUILD_ID', 'abc'],
] as const)('the %s names %s, and does not start with %s', (process, name, value) => {
  const { error } = processes[process].safeParse(setVariables({ ...valid, [name]: value }))
  expect(error?.issues.map(({ path: [variable] }) => variable)).toEqual([name])
})

test('the keys of an issuer are public ones, of which there is at least one', () => {
  const { AUTH_JWKS_URL: _, ...others } = valid
  for (const keys of ['{', keySet(), keySet({ kty: 'oct', k: 'AA' })]) {
    const { error } = server.safeParse(setVariables({ ...others, AUTH_JWKS: keys }))
    expect(error?.issues.map(({ path: [variable] }) => variable)).toContain('AUTH_JWKS')
  }
})

test('origins are taken as browsers name them', () => {
  const origins = { WEB_ORIGINS: 'https://Shop.example.com/, http://127.0.0.1:5173', RETURN_URL_ORIGINS: 'http://localhost:*' }
  expect(server.safeParse(setVariables({ ...valid, ...origins })).data).toMatchObject({
    WEB_ORIGINS: ['https://shop.example.com', 'http://127.0.0.1:5173'],
    RETURN_URL_ORIGINS: ['http://localhost:*'],
  })
})

test('webhooks leave a connection to viewers, where there is more than one', () => {
  const atOnce = (DATABASE_POOL: string, WEBHOOKS_AT_ONCE: string) => {
    const { data } = server.safeParse(setVariables({ ...valid, DATABASE_POOL, WEBHOOKS_AT_ONCE }))
    return data && webhookConcurrency(data)
  }
  expect(['10', '5', '3', '2', '1'].map((pool) => atOnce(pool, ''))).toEqual([8, 3, 1, 1, 1])
  expect([atOnce('10', '9'), atOnce('2', '1'), atOnce('1', '1')]).toEqual([9, 1, 1])
  expect([atOnce('10', '10'), atOnce('5', '8'), atOnce('2', '2'), atOnce('1', '2')]).toEqual(Array(4).fill(undefined))
})

test('a key of playback tokens that can sign is taken', () => {
  const { data } = server.safeParse(setVariables({ ...valid, PLAYBACK_KEYS: keySet(onCurve) }))
  expect(data?.PLAYBACK_KEYS?.keys.map(({ kid }) => kid)).toEqual(['one'])
})

test('what is empty is not given', () => {
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
