import { Gauge, type Registry } from 'prom-client'

/** Registers a gauge for the usage of the database connection pool. */
export const registerPoolMetrics = (registry: Registry, usage: () => { busy: number; idle: number; waiting: number }): void => {
  new Gauge({
    name: 'pay_to_view_database_pool',
    help: 'Database connections that are busy or idle, and callers waiting for one',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const [state, count] of Object.entries(usage())) this.set({ state }, count)
    },
  })
}
