import { Agent, createServer, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { respondsOk } from '@pay-to-view/devstack/wait'

/**
 * Shares requests out as a load balancer does: in turn, over kept connections, to the servers whose /readyz is good. It sends nothing
 * again: whatever goes wrong is a request that failed.
 */
export const startBalancer = async (targets: readonly string[]) => {
  const ready = new Set<string>()
  const failures: string[] = []
  const answered = new Map<string, number>()
  const agent = new Agent({ keepAlive: true })
  const over = new AbortController()
  let turn = 0

  const look = async (target: string): Promise<void> => {
    if (await respondsOk(`${target}/readyz`).catch(() => false)) ready.add(target)
    else ready.delete(target)
  }
  const looking = (async () => {
    while (!over.signal.aborted) {
      await Promise.all(targets.map(look))
      await sleep(100, undefined, { signal: over.signal }).catch(() => undefined)
    }
  })()

  const server = createServer((asked, answer) => {
    const able = [...ready].sort()
    const target = able[turn++ % able.length]
    const failed = (how: string): void => {
      failures.push(`${asked.method} ${asked.url} at ${target}: ${how}`)
      if (answer.headersSent) answer.destroy()
      else answer.writeHead(502).end()
    }
    if (target === undefined) return failed('no server is ready')
    const { connection: _, ...headers } = asked.headers
    const forwarded = request(new URL(asked.url ?? '/', target), { agent, method: asked.method, headers })
    let gone = false
    answer.once('close', () => {
      gone = !answer.writableFinished
      forwarded.destroy()
    })
    forwarded.on('error', (error) => gone || failed(error.message))
    forwarded.on('response', (told) => {
      const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...headers } = told.headers
      const status = told.statusCode ?? 0
      if (status >= 500) failures.push(`${asked.method} ${asked.url} at ${target}: ${status}`)
      answered.set(target, (answered.get(target) ?? 0) + 1)
      answer.writeHead(status, headers)
      told.on('error', (error) => gone || failed(error.message))
      told.pipe(answer)
    })
    asked.pipe(forwarded)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The balancer has no port')

  return {
    url: `http://127.0.0.1:${address.port}`,
    failures,
    ready: () => [...ready],
    /** How many requests a server has answered. */
    answered: (target: string) => answered.get(target) ?? 0,
    close: async () => {
      over.abort()
      await looking
      server.closeAllConnections()
      server.close()
      agent.destroy()
    },
  }
}
