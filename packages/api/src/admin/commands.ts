import {
  type AlertResolution,
  changeProduct,
  createProduct,
  type Db,
  readPrice,
  reopenAlerts,
  resolveAlerts,
  setOffer,
} from '@pay-to-view/db'
import { ApiError } from '../errors.ts'
import { priceError } from './products/fields.ts'

export type OperatorCommands = ReturnType<typeof createOperatorCommands>

/** The operator's changes to the catalog and to alerts. They throw `ApiError`s. */
export const createOperatorCommands = (db: Db) => ({
  createProduct: (...[product]: Tail<typeof createProduct>) => createProduct(db, product),

  changeProduct: async (...[id, change]: Tail<typeof changeProduct>): Promise<void> => {
    const price = await readPrice(db, id)
    if (!price) throw new ApiError('product_not_found', { field: 'payToViewProductId' })
    const changesPrice = change.amount !== undefined || change.currency !== undefined
    const error = changesPrice ? priceError({ ...price, ...change }) : null
    if (error) throw new ApiError('validation', error)
    await changeProduct(db, id, change)
  },

  setOffer: async (...[productId, entityId, offered]: Tail<typeof setOffer>): Promise<void> => {
    const missing = await setOffer(db, productId, entityId, offered)
    if (missing === 'product') throw new ApiError('product_not_found', { field: 'payToViewProductId' })
    if (missing === 'entity') throw new ApiError('entity_not_found', { field: 'entityId' })
  },

  resolveAlert: async (id: bigint, resolution: AlertResolution): Promise<void> => {
    if ((await resolveAlerts(db, [id], resolution)) === 0) throw new ApiError('alert_not_found', { field: 'id' })
  },

  resolveAlerts: (...args: Tail<typeof resolveAlerts>) => resolveAlerts(db, ...args),

  reopenAlerts: (...args: Tail<typeof reopenAlerts>) => reopenAlerts(db, ...args),
})

/** The parameters of a function after the database. */
type Tail<F> = F extends (first: Db, ...rest: infer Rest) => unknown ? Rest : never
