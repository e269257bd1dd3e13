import { Counter, collectDefaultMetrics, Registry } from 'prom-client'

export const createMetrics = () => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const webhooks = new Counter({
    name: 'pay_to_view_webhooks_total',
    help: "Stripe's events by what became of them",
    labelNames: ['outcome'],
    registers: [registry],
  })
  return { registry, webhooks }
}

export type Metrics = ReturnType<typeof createMetrics>
