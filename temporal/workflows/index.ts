export * from './entity-job.ts'
export * from './purchase.ts'
export * from './reconcile.ts'
export * from './webhooks.ts'
