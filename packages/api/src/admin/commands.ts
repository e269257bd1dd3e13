import { changeProduct, createProduct, type Db, readPrice, resolveAlert, setOffer } from '@pay-to-view/db'
import { ApiError } from '../errors.ts'
import { isPrice, noPrice } from './products/fields.ts'

export type OperatorCommands = ReturnType<typeof createOperatorCommands>

/** What an operator changes beside purchases. Errors are `ApiError`s. */
export const createOperatorCommands = (db: Db) => ({
  createProduct: (...[product]: Tail<typeof createProduct>) => createProduct(db, product),

  changeProduct: async (...[id, change]: Tail<typeof changeProduct>): Promise<void> => {
    const price = await readPrice(db, id)
    if (!price) throw new ApiError('product_not_found', { field: 'payToViewProductId' })
    const isPriced = change.amount !== undefined || change.currency !== undefined
    if (isPriced && !isPrice({ ...price, ...change })) throw new ApiError('validation', { field: 'amount', message: noPrice })
    await changeProduct(db, id, change)
  },

  setOffer: async (...[productId, entityId, offered]: Tail<typeof setOffer>): Promise<void> => {
    const missing = await setOffer(db, productId, entityId, offered)
    if (missing === 'product') throw new ApiError('product_not_found', { field: 'payToViewProductId' })
    if (missing === 'entity') throw new ApiError('entity_not_found', { field: 'entityId' })
  },

  resolveAlert: async (id: bigint, by: string): Promise<void> => {
    if (!(await resolveAlert(db, id, by))) throw new ApiError('alert_not_found', { field: 'id' })
  },
})

type Tail<F> = F extends (first: Db, ...rest: infer Rest) => unknown ? Rest : never
