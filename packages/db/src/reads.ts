import { listApiKeys } from './api-keys/list-api-keys.ts'
import { type Db, preparedQuery } from './client.ts'
import { readCancellation, readEntityHolders, readExtension, readExtensions, readJobItems } from './entity-jobs/read-jobs.ts'
import { listGrants } from './grants/list-grants.ts'
import { deliveryStatistics, listDeliveries } from './outbox/delivery-log.ts'
import { outboxState } from './outbox/dispatch-messages.ts'
import { findWebhookEndpoint, listWebhookEndpoints } from './outbox/endpoints.ts'
import { countPlays, playsOf } from './playback/play-log.ts'
import { readAccess } from './reads/access.ts'
import { alerts, openAlertCounts, openAlertGroups } from './reads/alerts.ts'
import { auditEntries } from './reads/audit.ts'
import {
  allProducts,
  entity,
  offerCount,
  offersOf,
  product,
  products,
  productsByEntity,
  productsOf,
  publishedIds,
} from './reads/catalog.ts'
import { listEntities } from './reads/entity-list.ts'
import { type HistoryQuery, history, ownPurchase } from './reads/history.ts'
import { operatorPurchase, searchPurchases } from './reads/operator.ts'
import { stuckCounts, stuckItems } from './reads/stuck.ts'
import { userRefunds } from './reads/user-refunds.ts'
import { readPayoutList } from './sales/read-payouts.ts'
import { readPayoutTransactions, readPeriodTransactions } from './sales/read-transactions.ts'
import { readSales } from './sales/sales-report.ts'

export type { AccessRow } from './reads/access.ts'
export type { AlertFilter, AlertGroup, AlertRow } from './reads/alerts.ts'
export type { EntityFilter, EntityPosition, ListedEntity } from './reads/entity-list.ts'
export type { HistoryPage, PurchaseRow } from './reads/history.ts'
export type { OperatorPurchase, OperatorRow, SearchFilter, SearchPosition } from './reads/operator.ts'
export { type StuckCounts, type StuckItem, stuckKinds } from './reads/stuck.ts'

/** The queries for the API and for metrics. They make no decisions: they return statuses and grants as the workflows wrote them. */
export const createReads = (db: Db) => ({
  access: (...args: Tail<typeof readAccess>) => readAccess(db, ...args),
  history: (userId: string, query: HistoryQuery) => history(db, userId, query),
  ownPurchase: (userId: string, id: string) => ownPurchase(db, userId, id),
  products: (...args: Tail<typeof products>) => products(db, ...args),
  productsOf: (...args: Tail<typeof productsOf>) => productsOf(db, ...args),
  productsByEntity: (...args: Tail<typeof productsByEntity>) => productsByEntity(db, ...args),
  allProducts: (...args: Tail<typeof allProducts>) => allProducts(db, ...args),
  product: (id: string) => product(db, id),
  offersOf: (...args: Tail<typeof offersOf>) => offersOf(db, ...args),
  offerCount: (productId: string) => offerCount(db, productId),
  listEntities: (...args: Tail<typeof listEntities>) => listEntities(db, ...args),
  entity: (id: string) => entity(db, id),
  publishedIds: (ids: readonly string[]) => publishedIds(db, ids),
  cancellation: (entityId: string) => readCancellation(db, entityId),
  extension: (...args: Tail<typeof readExtension>) => readExtension(db, ...args),
  extensions: (...args: Tail<typeof readExtensions>) => readExtensions(db, ...args),
  jobItems: (...args: Tail<typeof readJobItems>) => readJobItems(db, ...args),
  entityHolders: (entityId: string) => readEntityHolders(db, entityId),
  operatorPurchase: (id: string) => operatorPurchase(db, id),
  searchPurchases: (...args: Tail<typeof searchPurchases>) => searchPurchases(db, ...args),
  userRefunds: (...args: Tail<typeof userRefunds>) => userRefunds(db, ...args),
  playsOf: (...args: Tail<typeof playsOf>) => playsOf(db, ...args),
  alerts: (...args: Tail<typeof alerts>) => alerts(db, ...args),
  openAlertCounts: () => openAlertCounts(db),
  openAlertGroups: () => openAlertGroups(db),
  grants: (...args: Tail<typeof listGrants>) => listGrants(db, ...args),
  apiKeys: (before: string | null, limit: number) => listApiKeys(db, before, limit),
  outboxState: () => outboxState(db),
  webhookEndpoint: (id: string) => findWebhookEndpoint(db, id),
  webhookEndpoints: (before: string | null, limit: number) => listWebhookEndpoints(db, before, limit),
  deliveries: (...args: Tail<typeof listDeliveries>) => listDeliveries(db, ...args),
  deliveryStatistics: (...args: Tail<typeof deliveryStatistics>) => deliveryStatistics(db, ...args),
  auditEntries: (...args: Tail<typeof auditEntries>) => auditEntries(db, ...args),
  payouts: (...args: Tail<typeof readPayoutList>) => readPayoutList(db, ...args),
  payoutTransactions: (...args: Tail<typeof readPayoutTransactions>) => readPayoutTransactions(db, ...args),
  periodTransactions: (...args: Tail<typeof readPeriodTransactions>) => readPeriodTransactions(db, ...args),
  countPlays: (...args: Tail<typeof countPlays>) => countPlays(db, ...args),
  sales: (...args: Tail<typeof readSales>) => readSales(db, ...args),
  stuckCounts: () => stuckCounts(db),
  stuckItems: (limit: number) => stuckItems(db, limit),
  /** Throws if Postgres is unavailable. */
  ping: async () => {
    await preparedQuery(db)`select 1`
  },
})

type Tail<F> = F extends (first: Db, ...rest: infer Rest) => unknown ? Rest : never

export type Reads = ReturnType<typeof createReads>
