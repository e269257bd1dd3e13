export * from './ingest.ts'
export * from './parse-event.ts'
export * from './reconcile.ts'
