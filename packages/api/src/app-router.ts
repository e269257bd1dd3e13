import { check, checkMany } from './access/check.ts'
import { playbackToken } from './access/playback-token.ts'
import { watch } from './access/watch.ts'
import { groups as alertGroups } from './admin/alerts/groups.ts'
import { list as listAlerts } from './admin/alerts/list.ts'
import { reopen as reopenAlerts, resolve as resolveAlert, resolveMany as resolveAlerts } from './admin/alerts/resolve.ts'
import { create as createApiKey } from './admin/api-keys/create.ts'
import { list as listApiKeys } from './admin/api-keys/list.ts'
import { revoke as revokeApiKey } from './admin/api-keys/revoke.ts'
import { list as listAudit } from './admin/audit/list.ts'
import { get as getDispute } from './admin/disputes/get.ts'
import { stage as stageEvidence } from './admin/disputes/stage.ts'
import { submit as submitEvidence } from './admin/disputes/submit.ts'
import { batch as putEntities } from './admin/entities/batch.ts'
import { cancel, cancellation, cancellationItems, pauseCancellation, resumeCancellation } from './admin/entities/cancel.ts'
import { extend as extendEntity, extension, extensions } from './admin/entities/extend.ts'
import { get as getAnyEntity } from './admin/entities/get.ts'
import { holders } from './admin/entities/holders.ts'
import { importRows } from './admin/entities/import-rows.ts'
import { list as listAllEntities } from './admin/entities/list.ts'
import { put as putEntity } from './admin/entities/put.ts'
import { remove as removeEntity } from './admin/entities/remove.ts'
import { create as createGrant } from './admin/grants/create.ts'
import { extend as extendGrant } from './admin/grants/extend.ts'
import { list as listGrants } from './admin/grants/list.ts'
import { revoke as revokeGrant } from './admin/grants/revoke.ts'
import { get as getAnyProduct } from './admin/products/get.ts'
import { list as listAllProducts } from './admin/products/list.ts'
import { add as addOffers } from './admin/products/offers/add.ts'
import { count as countOffers } from './admin/products/offers/count.ts'
import { list as listOffers } from './admin/products/offers/list.ts'
import { put as putOffer } from './admin/products/offers/put.ts'
import { remove as removeOffer } from './admin/products/offers/remove.ts'
import { put as putProduct } from './admin/products/put.ts'
import { accept } from './admin/purchases/accept.ts'
import { get as getForAdmin } from './admin/purchases/get.ts'
import { list as listPurchases } from './admin/purchases/list.ts'
import { search } from './admin/purchases/search.ts'
import { payouts } from './admin/reports/payouts.ts'
import { plays as reportedPlays } from './admin/reports/plays.ts'
import { sales } from './admin/reports/sales.ts'
import { transactions } from './admin/reports/transactions.ts'
import { stuck } from './admin/stuck.ts'
import { access as userAccess } from './admin/users/access.ts'
import { plays as userPlays } from './admin/users/plays.ts'
import { purchases as userPurchases } from './admin/users/purchases.ts'
import { refunds as userRefunds } from './admin/users/refunds.ts'
import { create as createWebhookEndpoint } from './admin/webhooks/create.ts'
import { deliveries } from './admin/webhooks/deliveries.ts'
import { get as getWebhookEndpoint } from './admin/webhooks/get.ts'
import { list as listWebhookEndpoints } from './admin/webhooks/list.ts'
import { remove as removeWebhookEndpoint } from './admin/webhooks/remove.ts'
import { resend, resendSince } from './admin/webhooks/resend.ts'
import { rotateSecret } from './admin/webhooks/rotate-secret.ts'
import { statistics } from './admin/webhooks/statistics.ts'
import { test } from './admin/webhooks/test-message.ts'
import { update as updateWebhookEndpoint } from './admin/webhooks/update.ts'
import { get as getEntity } from './entities/get.ts'
import { list as listEntities } from './entities/list.ts'
import { end as endPlayback } from './playback/end.ts'
import { heartbeat } from './playback/heartbeat.ts'
import { start as startPlayback } from './playback/start.ts'
import { get as getProduct } from './products/get.ts'
import { list as listProducts } from './products/list.ts'
import { create } from './purchases/create.ts'
import { get } from './purchases/get.ts'
import { list } from './purchases/list.ts'
import { refund } from './purchases/refund.ts'
import { withdraw } from './purchases/withdraw.ts'
import { createCallerFactory, router } from './trpc.ts'

const admin = router({
  purchases: router({ refund, accept, get: getForAdmin, list: listPurchases, search }),
  entities: router({
    put: putEntity,
    get: getAnyEntity,
    list: listAllEntities,
    remove: removeEntity,
    batch: putEntities,
    importRows,
    holders,
    cancel,
    cancellation,
    cancellationItems,
    pauseCancellation,
    resumeCancellation,
    extend: extendEntity,
    extension,
    extensions,
  }),
  products: router({
    put: putProduct,
    get: getAnyProduct,
    list: listAllProducts,
    offers: router({ put: putOffer, remove: removeOffer, add: addOffers, list: listOffers, count: countOffers }),
  }),
  alerts: router({
    list: listAlerts,
    groups: alertGroups,
    resolve: resolveAlert,
    resolveMany: resolveAlerts,
    reopen: reopenAlerts,
  }),
  grants: router({ create: createGrant, extend: extendGrant, revoke: revokeGrant, list: listGrants }),
  stuck,
  users: router({ access: userAccess, purchases: userPurchases, refunds: userRefunds, plays: userPlays }),
  apiKeys: router({ create: createApiKey, list: listApiKeys, revoke: revokeApiKey }),
  webhookEndpoints: router({
    create: createWebhookEndpoint,
    get: getWebhookEndpoint,
    list: listWebhookEndpoints,
    update: updateWebhookEndpoint,
    remove: removeWebhookEndpoint,
    rotateSecret,
    deliveries,
    resend,
    resendSince,
    test,
    statistics,
  }),
  disputes: router({ get: getDispute, stage: stageEvidence, submit: submitEvidence }),
  audit: router({ list: listAudit }),
  reports: router({ sales, plays: reportedPlays, payouts, transactions }),
})

export const appRouter = router({
  purchases: router({ create, list, get, withdraw }),
  access: router({
    check,
    checkMany,
    watch,
    playbackToken,
    playback: router({ start: startPlayback, heartbeat, end: endPlayback }),
  }),
  entities: router({ list: listEntities, get: getEntity }),
  products: router({ list: listProducts, get: getProduct }),
  admin,
})

export type AppRouter = typeof appRouter

export const createCaller = createCallerFactory(appRouter)
