/** The services that the chaos test kills. */
export const serviceNames = [
  ...(['server 1', 'server 2', 'worker 1', 'worker 2', 'Postgres', 'Temporal', 'Stripe emulator'] as const),
  'webhook receiver',
] as const
export type ServiceName = (typeof serviceNames)[number]

/**
 * The connections that network faults affect. Servers and workers connect through separate proxies, so the servers can lose a dependency
 * that the workers can still reach, and vice versa.
 */
export const connectionNames = [
  'users and Stripe to servers',
  'servers to Postgres',
  'servers to Temporal',
  'servers to Stripe',
  'workers to Postgres',
  'workers to Temporal',
  'workers to Stripe',
] as const
export type ConnectionName = (typeof connectionNames)[number]
