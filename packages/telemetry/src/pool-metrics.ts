import { Gauge, type Registry } from 'prom-client'

/** Shows how full a pool of connections is. */
export const registerPoolMetrics = (registry: Registry, use: () => { busy: number; idle: number; waiting: number }): void => {
  new Gauge({
    name: 'pay_to_view_database_pool',
    help: 'Connections to the database that are busy or idle, and callers that wait for one',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const [state, count] of Object.entries(use())) this.set({ state }, count)
    },
  })
}
