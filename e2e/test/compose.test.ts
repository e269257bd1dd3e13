import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { openApiDocument } from '@pay-to-view/api'
import { createTemporaryDataFolder, removeDataFolder, repositoryRoot } from '@pay-to-view/devstack'
import { freePort } from '@pay-to-view/devstack/ports'
import { findTemporal } from '@pay-to-view/devstack/temporal-binary'
import { startTemporal } from '@pay-to-view/devstack/temporal-server'
import { execaSync } from 'execa'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

// Checks without Docker that the files in deploy are consistent, and that our containers have no more privileges than they need.
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
const ownServices = Object.entries(services).filter(([, service]) => service.build)

test('two servers and two workers wait for the migrations', () => {
  for (const name of ['server-1', 'server-2', 'worker-1', 'worker-2']) {
    expect(services[name]?.depends_on.migrate).toEqual({ condition: 'service_completed_successfully' })
  }
})

test('every dependency is a service, and every build target is in the Dockerfile', () => {
  for (const { depends_on } of Object.values(services)) {
    for (const name of Object.keys(depends_on)) expect(services[name], name).toBeDefined()
  }
  for (const [, { build }] of ownServices) expect(text('Dockerfile')).toMatch(new RegExp(` AS ${build?.target}$`, 'm'))
})

test.each(ownServices)('%s cannot write to its image or gain privileges', (_name, service) => {
  expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] })
})

test('every image has a fixed version', () => {
  const external = Object.values(services).filter(({ build }) => !build)
  const bases = [...text('Dockerfile').matchAll(/^FROM (\S+:\S+) AS /gm)].map(([, base]) => base ?? '')
  for (const image of [...external.map(({ image }) => image), ...bases]) expect(image).toMatch(/:v?\d+\.\d+/)
})

test('a stopped container has time to finish its work', () => {
  const seconds = (name: string) => Number(/^(\d+)s$/.exec(services[name]?.stop_grace_period ?? '')?.[1])
  for (const name of ['server-1', 'server-2']) {
    // The server (apps/server/src/main.ts) stops at most 65 s after the drain time.
    expect(seconds(name)).toBeGreaterThan(Number(services[name]?.environment.DRAIN_SECONDS) + 65)
  }
  // The worker (temporal/worker.ts) stops within 25 s.
  for (const name of ['worker-1', 'worker-2']) expect(seconds(name)).toBeGreaterThan(25)
})

test('closed workflows are kept for 30 days, even in an existing namespace, and the script can be run again', async () => {
  const dataFolder = createTemporaryDataFolder()
  const binary = await findTemporal()
  const { child, address } = await startTemporal(dataFolder, { binary, port: await freePort(), ephemeral: true })
  try {
    const bin = path.join(dataFolder.path, 'bin')
    mkdirSync(bin)
    symlinkSync(binary, path.join(bin, 'temporal'))
    const env = { PATH: `${bin}:${process.env.PATH}`, TEMPORAL_ADDRESS: address }
    const run = (command: string, ...args: string[]) => execaSync(command, args, { env }).stdout
    for (const _ of ['first', 'second']) {
      run('sh', path.join(repositoryRoot, 'deploy/temporal-attributes.sh'))
      const description: unknown = JSON.parse(run(binary, 'operator', 'namespace', 'describe', '-n', 'default', '-o', 'json'))
      expect(description).toMatchObject({ config: { workflowExecutionRetentionTtl: `${30 * 86_400}s` } })
    }
  } finally {
    await child.stop()
    removeDataFolder(dataFolder)
  }
})

test('every long-running container has a health check', () => {
  for (const [name, { healthcheck }] of ownServices.filter(([name]) => name !== 'migrate'))
    expect(healthcheck, name).toBeDefined()
  expect(services.proxy?.healthcheck).toBeDefined()
})

test('the proxy forwards every public path of the server, and no internal path', () => {
  const rules = [...text('haproxy.cfg').matchAll(/^ {2}acl api (path|path_beg) (.+)$/gm)].map(([, how, paths]) => ({
    isExact: how === 'path',
    paths: paths?.split(' ') ?? [],
  }))
  const isForwarded = (path: string) =>
    rules.some(({ isExact, paths }) => paths.some((rule) => (isExact ? path === rule : path.startsWith(rule))))
  for (const path of Object.keys(openApiDocument().paths ?? {})) expect(isForwarded(path), path).toBe(true)
  for (const path of ['/trpc/purchases.create', '/openapi.json', '/docs', '/docs/static/index.css', '/.well-known/jwks.json']) {
    expect(isForwarded(path), path).toBe(true)
  }
  expect(isForwarded('/admin/v1/pay-to-view/purchases.csv')).toBe(true)
  for (const path of ['/', '/admin', '/watch/vid_1', '/metrics', '/readyz', '/healthz'])
    expect(isForwarded(path), path).toBe(false)
})
