export * from './purchase.ts'
