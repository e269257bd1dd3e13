export type { Finding } from './finding.ts'
export { type LedgerPayment, paymentsOf, paymentsSince } from './paid.ts'
export { checkPurchases } from './rows.ts'
export { checkTables } from './tables.ts'
