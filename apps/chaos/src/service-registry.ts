import { freePort } from '@pay-to-view/devstack/ports'
import type { ConnectionName, ServiceName } from './services.ts'
import { type StartService, type SupervisedService, superviseService } from './supervised-service.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

export type ServiceRegistry = ReturnType<typeof createServiceRegistry>

/** The running services and the proxies between them. */
export const createServiceRegistry = () => {
  const services = new Map<ServiceName, SupervisedService>()
  const proxies = new Map<ConnectionName, TcpProxy>()
  /** Descriptions of unexpected process exits. */
  const crashes: string[] = []

  const stop = (names: Iterable<ServiceName>) => Promise.all([...names].map((name) => services.get(name)?.stop()))

  return {
    crashes,
    start: async (name: ServiceName, start: StartService): Promise<void> => {
      services.set(name, await superviseService(name, start, (description) => crashes.push(description)))
    },
    /** Returns the proxy's port. */
    startProxy: async (name: ConnectionName, ...targets: number[]): Promise<number> => {
      const proxy = await startTcpProxy(await freePort(), targets)
      proxies.set(name, proxy)
      return proxy.port
    },
    service: (name: ServiceName) => required(services.get(name), name),
    proxy: (name: ConnectionName) => required(proxies.get(name), name),
    /** Servers and workers stop first, while their dependencies still run. */
    stopAll: async (): Promise<void> => {
      await stop(['server 1', 'server 2', 'worker 1', 'worker 2'])
      await stop(services.keys())
      for (const proxy of proxies.values()) await proxy.stop()
    },
  }
}

const required = <T>(value: T | undefined, name: string): T => {
  if (value === undefined) throw new Error(`${name} was not started`)
  return value
}
