export * from './purchase.ts'
export * from './reconcile.ts'
