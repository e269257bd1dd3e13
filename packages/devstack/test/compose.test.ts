import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { ROOT } from '../src/home.ts'

// Docker itself is not needed here: this says that the file is YAML, holds together, and that what we run in it is locked down.
const Service = z.looseObject({
  image: z.string(),
  build: z.object({ context: z.string(), dockerfile: z.string(), target: z.string() }).optional(),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
})
const Compose = z.object({ services: z.record(z.string(), Service) })

const text = (file: string) => readFileSync(path.join(ROOT, 'deploy', file), 'utf8')
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
