/** Sales figures: entries, rollups and reports. docs/reporting.md defines the figures. */

export * from './balance-transactions.ts'
export * from './payouts.ts'
export { type PayoutRow, readPayoutList } from './read-payouts.ts'
export * from './read-transactions.ts'
export { rollUpSales } from './roll-up.ts'
export * from './sales-report.ts'
export { balanceCursor, openSalesCursor, payoutsCursor } from './stripe-cursors.ts'
