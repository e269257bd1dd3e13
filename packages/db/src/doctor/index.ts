export type { Finding } from './finding.ts'
export { checkPurchases } from './rows.ts'
export { checkTables } from './tables.ts'
