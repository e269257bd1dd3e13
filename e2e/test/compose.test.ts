import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openApiDocument } from '@pay-to-view/api'
import { openDataFolder, repositoryRoot } from '@pay-to-view/devstack/data-folder'
import { freePort } from '@pay-to-view/devstack/ports'
import { findTemporal } from '@pay-to-view/devstack/temporal-binary'
import { startTemporal } from '@pay-to-view/devstack/temporal-server'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

// Docker itself is not needed here: this says that the file is YAML, holds together, and that what we run in it is locked down.
const Service = z.looseObject({
  image: z.string(),
  build: z.object({ context: z.string(), dockerfile: z.string(), target: z.string() }).optional(),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  stop_grace_period: z.string().optional(),
  environment: z.record(z.string(), z.string()).default({}),
  healthcheck: z
    .object({ test: z.array(z.string()) })
    .loose()
    .optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
})
const Compose = z.object({ services: z.record(z.string(), Service) })

const text = (file: string) => readFileSync(path.join(repositoryRoot, 'deploy', file), 'utf8')
const { services } = Compose.parse(parse(text('compose.yaml'), { merge: true }))
const ours = Object.entries(services).filter(([, service]) => service.build)

test('two servers and two workers wait for the migrations', () => {
  for (const name of ['server-1', 'server-2', 'worker-1', 'worker-2']) {
    expect(services[name]?.depends_on.migrate).toEqual({ condition: 'service_completed_successfully' })
  }
})

test('every service that is waited for exists, and every target is in the Dockerfile', () => {
  for (const { depends_on } of Object.values(services)) {
    for (const name of Object.keys(depends_on)) expect(services[name], name).toBeDefined()
  }
  for (const [, { build }] of ours) expect(text('Dockerfile')).toMatch(new RegExp(` AS ${build?.target}$`, 'm'))
})

test.each(ours)('%s cannot write to its image nor gain a right', (_name, service) => {
  expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] })
})

test('every image is of one version', () => {
  const bought = Object.values(services).filter(({ build }) => !build)
  const bases = [...text('Dockerfile').matchAll(/^FROM (\S+:\S+) AS /gm)].map(([, base]) => base ?? '')
  for (const image of [...bought.map(({ image }) => image), ...bases]) expect(image).toMatch(/:v?\d+\.\d+/)
})

test('what is stopped has the time to end what is under way', () => {
  const seconds = (name: string) => Number(/^(\d+)s$/.exec(services[name]?.stop_grace_period ?? '')?.[1])
  for (const name of ['server-1', 'server-2']) {
    // apps/server/src/main.ts: the drain, then 40 s.
    expect(seconds(name)).toBeGreaterThan(Number(services[name]?.environment.DRAIN_SECONDS) + 40)
  }
  // temporal/worker.ts: 25 s.
  for (const name of ['worker-1', 'worker-2']) expect(seconds(name)).toBeGreaterThan(25)
})

test('closed workflows are kept for 30 days, in a namespace that was there before as well; the step runs again without harm', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pay-to-view-compose-'))
  const binary = await findTemporal()
  const { child, address } = await startTemporal(openDataFolder(folder), { binary, port: await freePort(), ephemeral: true })
  try {
    mkdirSync(path.join(folder, 'bin'))
    symlinkSync(binary, path.join(folder, 'bin/temporal'))
    const env = { PATH: `${path.join(folder, 'bin')}:${process.env.PATH}`, TEMPORAL_ADDRESS: address }
    const run = (command: string, ...args: string[]) => execFileSync(command, args, { env, stdio: 'pipe' }).toString()
    for (const _ of ['once', 'again']) {
      run('sh', path.join(repositoryRoot, 'deploy/temporal-attributes.sh'))
      const told: unknown = JSON.parse(run(binary, 'operator', 'namespace', 'describe', '-n', 'default', '-o', 'json'))
      expect(told).toMatchObject({ config: { workflowExecutionRetentionTtl: `${30 * 86_400}s` } })
    }
  } finally {
    await child.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})

test('every process that goes on says whether it is well', () => {
  for (const [name, { healthcheck }] of ours.filter(([name]) => name !== 'migrate')) expect(healthcheck, name).toBeDefined()
  expect(services.proxy?.healthcheck).toBeDefined()
})

test('the proxy passes every path of the server on, and keeps the operator’s own to itself', () => {
  const rules = [...text('haproxy.cfg').matchAll(/^ {2}acl api (path|path_beg) (.+)$/gm)].map(([, how, paths]) => ({
    whole: how === 'path',
    paths: paths?.split(' ') ?? [],
  }))
  const passed = (path: string) =>
    rules.some(({ whole, paths }) => paths.some((one) => (whole ? path === one : path.startsWith(one))))
  for (const path of Object.keys(openApiDocument().paths ?? {})) expect(passed(path), path).toBe(true)
  for (const path of ['/trpc/purchases.create', '/openapi.json', '/docs', '/docs/static/index.css', '/.well-known/jwks.json']) {
    expect(passed(path), path).toBe(true)
  }
  expect(passed('/admin/v1/pay-to-view/purchases.csv')).toBe(true)
  for (const path of ['/', '/admin', '/watch/vid_1', '/metrics', '/readyz', '/healthz']) expect(passed(path), path).toBe(false)
})
