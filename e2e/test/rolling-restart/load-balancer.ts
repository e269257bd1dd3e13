import { Agent, createServer, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { respondsOk } from '@pay-to-view/devstack/wait'

/**
 * Distributes requests round-robin, over keep-alive connections, to the servers whose /readyz returns 200. Requests are never
 * retried, so every error is counted.
 */
export const startLoadBalancer = async (targets: readonly string[]) => {
  const readyTargets = new Set<string>()
  const failures: string[] = []
  const responseCounts = new Map<string, number>()
  const agent = new Agent({ keepAlive: true })
  const closing = new AbortController()
  let requestCount = 0

  const checkTarget = async (target: string): Promise<void> => {
    if (await respondsOk(`${target}/readyz`).catch(() => false)) readyTargets.add(target)
    else readyTargets.delete(target)
  }
  const healthChecks = (async () => {
    while (!closing.signal.aborted) {
      await Promise.all(targets.map(checkTarget))
      await sleep(100, undefined, { signal: closing.signal }).catch(() => undefined)
    }
  })()

  const server = createServer((incoming, response) => {
    const sortedTargets = [...readyTargets].sort()
    const target = sortedTargets[requestCount++ % sortedTargets.length]
    const fail = (reason: string): void => {
      failures.push(`${incoming.method} ${incoming.url} at ${target}: ${reason}`)
      if (response.headersSent) response.destroy()
      else response.writeHead(502).end()
    }
    if (target === undefined) return fail('no server is ready')
    const { connection: _, ...headers } = incoming.headers
    const outgoing = request(new URL(incoming.url ?? '/', target), { agent, method: incoming.method, headers })
    let isClientGone = false
    response.once('close', () => {
      isClientGone = !response.writableFinished
      outgoing.destroy()
    })
    outgoing.on('error', (error) => isClientGone || fail(error.message))
    outgoing.on('response', (upstream) => {
      const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...headers } = upstream.headers
      const status = upstream.statusCode ?? 0
      if (status >= 500) failures.push(`${incoming.method} ${incoming.url} at ${target}: ${status}`)
      responseCounts.set(target, (responseCounts.get(target) ?? 0) + 1)
      response.writeHead(status, headers)
      upstream.on('error', (error) => isClientGone || fail(error.message))
      upstream.pipe(response)
    })
    incoming.pipe(outgoing)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The load balancer has no address')

  return {
    url: `http://127.0.0.1:${address.port}`,
    failures,
    /** The number of responses from a server. */
    responseCount: (target: string) => responseCounts.get(target) ?? 0,
    close: async () => {
      closing.abort()
      await healthChecks
      server.closeAllConnections()
      server.close()
      agent.destroy()
    },
  }
}
