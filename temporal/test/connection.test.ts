import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createPurchaseClient } from '@pay-to-view/workflow-client/client'
import { createTemporalClient } from '@pay-to-view/workflow-client/connection'
import { temporalEnvironment, temporalOptions } from '@pay-to-view/workflow-client/environment'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { connectWorker } from '../worker-connection.ts'
import { createAuthority } from './connection/certificates.ts'
import { listen } from './connection/grpc-server.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'pay-to-view-tls-'))
afterAll(() => rmSync(folder, { recursive: true }))

const ours = createAuthority(folder, 'ours')
const others = createAuthority(folder, 'others')
const server = ours.sign('server', 'IP:127.0.0.1')
const named = ours.sign('named', 'DNS:temporal.example')
const client = ours.sign('worker-of-ours', 'DNS:worker')
const stranger = others.sign('stranger', 'DNS:worker')

let listener: Awaited<ReturnType<typeof listen>>
afterEach(() => listener.close())

const optionsOf = (env: Record<string, string>) =>
  temporalOptions(z.object(temporalEnvironment).parse({ TEMPORAL_ADDRESS: listener.address, TEMPORAL_NAMESPACE: 'shop', ...env }))

/** The two ways in which our processes connect. */
const connect: Record<string, (env: Record<string, string>) => Promise<void>> = {
  'the server': async (env) => {
    const temporal = createTemporalClient(optionsOf(env))
    try {
      await createPurchaseClient({ client: temporal, taskQueue: 'tasks', callTimeoutMs: 1_000 }).ping()
    } finally {
      await temporal.connection.close()
    }
  },
  'the worker': async (env) => (await connectWorker(optionsOf(env))).close(),
}

const authority = { TEMPORAL_TLS_CA: ours.crt }
const certificate = { TEMPORAL_TLS_CERT: client.crt, TEMPORAL_TLS_KEY: client.key }

describe.each(Object.entries(connect))('%s', (_, reach) => {
  test('shows its certificate to a Temporal that wants one', async () => {
    listener = await listen(server, ours.crt)
    await reach({ ...authority, ...certificate })
    expect(listener.callers.map((caller) => caller.certificate)).toContain('worker-of-ours')
  })

  test.each<[string, Record<string, string>]>([
    ['without a certificate', {}],
    ["with another authority's certificate", { TEMPORAL_TLS_CERT: stranger.crt, TEMPORAL_TLS_KEY: stranger.key }],
  ])('%s is let in by no such Temporal', async (_name, shown) => {
    listener = await listen(server, ours.crt)
    await expect(reach({ ...authority, ...shown })).rejects.toThrow()
    expect(listener.callers).toEqual([])
  })

  test.each<[string, Record<string, string>]>([
    ['of another authority', { TEMPORAL_TLS_CA: others.crt }],
    ['that nobody known has signed', { TEMPORAL_TLS: 'true' }],
    ['that nobody known has signed, its key kept', { TEMPORAL_API_KEY: 'key-of-ours' }],
    ['of another name', { ...authority, TEMPORAL_TLS_SERVER_NAME: 'other.example' }],
  ])('says nothing to a Temporal %s', async (_name, env) => {
    listener = await listen(server)
    await expect(reach(env)).rejects.toThrow()
    expect([listener.spokeTls(), listener.callers]).toEqual([true, []])
  })

  test('knows a Temporal by another name than its address when it is told so', async () => {
    listener = await listen(named)
    await expect(reach(authority)).rejects.toThrow()
    await reach({ ...authority, TEMPORAL_TLS_SERVER_NAME: 'temporal.example' })
    expect(listener.callers.length).toBeGreaterThan(0)
  })

  test('shows its API key, over TLS', async () => {
    listener = await listen(server)
    await reach({ ...authority, TEMPORAL_API_KEY: 'key-of-ours' })
    expect(listener.callers.map(({ headers }) => headers.authorization)).toContain('Bearer key-of-ours')
  })
})
