import { check, checkMany } from './access/check.ts'
import { get as getForAdmin } from './admin/get.ts'
import { search } from './admin/search.ts'
import { get as getProduct, list as listProducts } from './products/list.ts'
import { create } from './purchases/create.ts'
import { get } from './purchases/get.ts'
import { list } from './purchases/list.ts'
import { refund } from './purchases/refund.ts'
import { createCallerFactory, router } from './trpc.ts'

export const appRouter = router({
  purchases: router({ create, list, get }),
  access: router({ check, checkMany }),
  products: router({ list: listProducts, get: getProduct }),
  admin: router({ purchases: router({ refund, get: getForAdmin, search }) }),
})

export type AppRouter = typeof appRouter

export const createCaller = createCallerFactory(appRouter)
