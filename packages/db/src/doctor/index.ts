export { checkPurchases } from './check-purchases.ts'
export { checkTables } from './check-tables.ts'
export type { Finding } from './finding.ts'
export { type LedgerPayment, paymentsOf, paymentsSince } from './ledger-payments.ts'
