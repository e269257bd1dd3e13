import { check, checkMany } from './access/check.ts'
import { playbackToken } from './access/playback-token.ts'
import { watch } from './access/watch.ts'
import { groups as alertGroups } from './admin/alerts/groups.ts'
import { list as listAlerts } from './admin/alerts/list.ts'
import { reopen as reopenAlerts, resolve as resolveAlert, resolveMany as resolveAlerts } from './admin/alerts/resolve.ts'
import { change as changeProduct } from './admin/products/change.ts'
import { create as createProduct } from './admin/products/create.ts'
import { list as listAllProducts } from './admin/products/list.ts'
import { offer as offerProduct } from './admin/products/offer.ts'
import { accept } from './admin/purchases/accept.ts'
import { get as getForAdmin } from './admin/purchases/get.ts'
import { search } from './admin/purchases/search.ts'
import { stuck } from './admin/stuck.ts'
import { stuckItems } from './admin/stuck-items.ts'
import { get as getEntity } from './entities/get.ts'
import { list as listEntities } from './entities/list.ts'
import { get as getProduct } from './products/get.ts'
import { list as listProducts } from './products/list.ts'
import { create } from './purchases/create.ts'
import { get } from './purchases/get.ts'
import { list } from './purchases/list.ts'
import { refund } from './purchases/refund.ts'
import { createCallerFactory, router } from './trpc.ts'

const admin = router({
  purchases: router({ refund, accept, get: getForAdmin, search }),
  products: router({ create: createProduct, change: changeProduct, offer: offerProduct, list: listAllProducts }),
  alerts: router({
    list: listAlerts,
    groups: alertGroups,
    resolve: resolveAlert,
    resolveMany: resolveAlerts,
    reopen: reopenAlerts,
  }),
  stuck,
  stuckItems,
})

export const appRouter = router({
  purchases: router({ create, list, get }),
  access: router({ check, checkMany, watch, playbackToken }),
  entities: router({ list: listEntities, get: getEntity }),
  products: router({ list: listProducts, get: getProduct }),
  admin,
})

export type AppRouter = typeof appRouter

export const createCaller = createCallerFactory(appRouter)
