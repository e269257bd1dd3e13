import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createPurchaseClient } from '@pay-to-view/workflow-client/client'
import { createTemporalClient } from '@pay-to-view/workflow-client/connection'
import { temporalEnvironment, temporalOptions } from '@pay-to-view/workflow-client/environment'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { connectWorker } from '../worker-connection.ts'
import { createCertificateAuthority } from './connection/certificates.ts'
import { startGrpcServer } from './connection/grpc-server.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'pay-to-view-tls-'))
afterAll(() => rmSync(folder, { recursive: true }))

const ca = createCertificateAuthority(folder, 'ca')
const otherCa = createCertificateAuthority(folder, 'other-ca')
const serverCertificate = ca.issue('server', 'IP:127.0.0.1')
const namedServerCertificate = ca.issue('named-server', 'DNS:temporal.example')
const clientCertificate = ca.issue('client', 'DNS:worker')
const otherClientCertificate = otherCa.issue('other-client', 'DNS:worker')

let server: Awaited<ReturnType<typeof startGrpcServer>>
afterEach(() => server.close())

const optionsFrom = (env: Record<string, string>) =>
  temporalOptions(z.object(temporalEnvironment).parse({ TEMPORAL_ADDRESS: server.address, TEMPORAL_NAMESPACE: 'shop', ...env }))

/** The two ways in which our processes connect. A rejected certificate causes a timeout, because gRPC keeps trying to connect. */
const connections: Record<string, (env: Record<string, string>, callTimeoutMs?: number) => Promise<void>> = {
  'the server': async (env, callTimeoutMs = 1_000) => {
    const temporal = createTemporalClient(optionsFrom(env))
    try {
      await createPurchaseClient({ client: temporal, taskQueue: 'tasks', callTimeoutMs }).ping()
    } finally {
      await temporal.connection.close()
    }
  },
  'the worker': async (env) => (await connectWorker(optionsFrom(env))).close(),
}

const trustCa = { TEMPORAL_TLS_CA: ca.crt }
const withCertificate = { TEMPORAL_TLS_CERT: clientCertificate.crt, TEMPORAL_TLS_KEY: clientCertificate.key }

describe.each(Object.entries(connections))('%s', (_, connect) => {
  test('presents its certificate when Temporal requires a client certificate', async () => {
    server = await startGrpcServer(serverCertificate, ca.crt)
    await connect({ ...trustCa, ...withCertificate }, 30_000)
    expect(server.calls.map((call) => call.clientCertificate)).toContain('client')
  })

  test.each<[string, Record<string, string>]>([
    ['without a certificate', {}],
    [
      'with a certificate of another CA',
      { TEMPORAL_TLS_CERT: otherClientCertificate.crt, TEMPORAL_TLS_KEY: otherClientCertificate.key },
    ],
  ])('%s is rejected when Temporal requires one', async (_name, env) => {
    server = await startGrpcServer(serverCertificate, ca.crt)
    await expect(connect({ ...trustCa, ...env })).rejects.toThrow()
    expect(server.calls).toEqual([])
  })

  test.each<[string, Record<string, string>]>([
    ['was issued by another CA', { TEMPORAL_TLS_CA: otherCa.crt }],
    ['was issued by an unknown CA', { TEMPORAL_TLS: 'true' }],
    ['was issued by an unknown CA, not even its API key', { TEMPORAL_API_KEY: 'secret-api-key' }],
    ['has another name', { ...trustCa, TEMPORAL_TLS_SERVER_NAME: 'other.example' }],
  ])('sends nothing to a server whose certificate %s', async (_name, env) => {
    server = await startGrpcServer(serverCertificate)
    await expect(connect(env)).rejects.toThrow()
    expect([server.startedTls(), server.calls]).toEqual([true, []])
  })

  test('accepts a certificate whose name differs from the address only if it is configured', async () => {
    server = await startGrpcServer(namedServerCertificate)
    await expect(connect(trustCa)).rejects.toThrow()
    await connect({ ...trustCa, TEMPORAL_TLS_SERVER_NAME: 'temporal.example' }, 30_000)
    expect(server.calls.length).toBeGreaterThan(0)
  })

  test('sends its API key, over TLS', async () => {
    server = await startGrpcServer(serverCertificate)
    await connect({ ...trustCa, TEMPORAL_API_KEY: 'secret-api-key' }, 30_000)
    expect(server.calls.map(({ headers }) => headers.authorization)).toContain('Bearer secret-api-key')
  })
})
