import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { repositoryRoot } from '@pay-to-view/devstack'
import { freePort } from '@pay-to-view/devstack/ports'
import { waitFor } from '@pay-to-view/devstack/wait'
import { execa, execaSync } from 'execa'

// Debian installs HAProxy in a folder that is only on root's PATH.
const env = { PATH: `${process.env.PATH}:/usr/sbin` }
export const isHaproxyInstalled = execaSync('haproxy', ['-v'], { env, reject: false }).exitCode === 0

/**
 * Starts a server behind the proxy. Its health check can be slow or report that the server is stopping. Other paths return the
 * server's name and the X-Forwarded-For header.
 */
export const startBackend = async (name: string) => {
  const port = await freePort()
  const state = { checkDelayMs: 0, draining: false, checks: 0, requests: 0 }
  const server = createServer((incoming, response) => {
    if (incoming.url !== '/readyz') {
      state.requests += 1
      return response.end(JSON.stringify({ name, forwardedFor: incoming.headers['x-forwarded-for'] }))
    }
    setTimeout(() => {
      state.checks += 1
      response.writeHead(state.draining ? 503 : 200).end(JSON.stringify(state.draining ? { draining: true } : { database: 'ok' }))
    }, state.checkDelayMs)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    port,
    state,
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Sends a request from a local address. All addresses in 127.0.0.0/8 are local. */
export const get = (url: string, { from = '127.0.0.1', forwardedFor }: { from?: string; forwardedFor?: string } = {}) =>
  new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }
    const onResponse = async (response: IncomingMessage) =>
      resolve({ status: response.statusCode, body: (await response.toArray()).join('') })
    const sent = request(url, { localAddress: from, headers, agent: false, timeout: 5_000 }, onResponse)
    sent.once('timeout', () => sent.destroy(new Error('No response within 5 s')))
    sent.once('error', reject)
    sent.end()
  })

/** Sends raw bytes, and returns the response, which must fit into one packet. */
export const sendRaw = async (port: number, bytes: string): Promise<string> => {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.write(bytes)
  const [response] = await once(socket, 'data')
  socket.destroy()
  return String(response)
}

/** Opens connections that send the start of a request and nothing more. */
export const openSlowConnections = async (port: number, from: string, count: number): Promise<Socket[]> => {
  const opened = Array.from({ length: count }, () => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from })
    return new Promise<Socket>((resolve) => {
      socket.once('connect', () => {
        socket.write('GET /client/v1/slow HTTP/1.1\r\nHost: ')
        resolve(socket)
      })
      socket.on('error', () => resolve(socket))
    })
  })
  return Promise.all(opened)
}

/** Runs HAProxy with deploy/haproxy.cfg, in which only the addresses are changed. */
export const startHaproxy = async (ports: { server1: number; server2: number; web: number }, trustedProxies?: string) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'haproxy-'))
  const port = await freePort()
  const socketPath = path.join(folder, 'stats')
  const config = readFileSync(path.join(repositoryRoot, 'deploy/haproxy.cfg'), 'utf8')
    .replace('bind :8080', `bind 127.0.0.1:${port}`)
    .replaceAll('server-1:3000', `127.0.0.1:${ports.server1}`)
    .replaceAll('server-2:3000', `127.0.0.1:${ports.server2}`)
    .replace('web:8080', `127.0.0.1:${ports.web}`)
    .replace(/^global$/m, `global\n  stats socket ${socketPath}`)
  const file = path.join(folder, 'haproxy.cfg')
  writeFileSync(file, config)
  const child = execa('haproxy', ['-f', file, '-db'], {
    // Lower than the number of slow connections in the test, and lower than the default limit of open files per process.
    env: { ...env, MAX_CONNECTIONS: '4096', ...(trustedProxies !== undefined && { TRUSTED_PROXIES: trustedProxies }) },
    reject: false,
  })
  const url = `http://127.0.0.1:${port}`
  /** The state of each server, such as UP or DOWN. */
  const serverStates = (): Promise<Record<string, string>> =>
    new Promise((resolve, reject) => {
      const chunks: Buffer[] = []
      connect(socketPath)
        .on('data', (chunk) => chunks.push(chunk))
        .once('error', reject)
        .once('end', () => {
          const rows = Buffer.concat(chunks).toString().split('\n')
          const columns = rows.map((row) => row.split(','))
          resolve(Object.fromEntries(columns.map(([, name = '', ...rest]) => [name, rest[15] ?? ''])))
        })
        .end('show stat\n')
    })
  await waitFor('HAProxy', async () => (await get(`${url}/proxy-health`)).status === 200, { timeoutMs: 20_000 })
  return {
    url,
    port,
    serverStates,
    stop: async () => {
      child.kill('SIGTERM')
      await child
      rmSync(folder, { recursive: true })
    },
  }
}
