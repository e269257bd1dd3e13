/**
 * Outgoing webhooks as "Standard Webhooks 1.0" defines them: secrets and signatures, the schedule of attempts, and a sender that never
 * connects to a private network. The package depends on neither the database nor Temporal.
 */
export * from './address.ts'
export * from './check-url.ts'
export * from './schedule.ts'
export * from './secret-box.ts'
export * from './send.ts'
export * from './signature.ts'
