export * from './purchase.ts'
export * from './reconcile.ts'
export * from './webhooks.ts'
