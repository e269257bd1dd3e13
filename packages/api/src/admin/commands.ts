import { changeProduct, createProduct, type Db, resolveAlert, setOffer } from '@pay-to-view/db'
import { ApiError } from '../errors.ts'

export type OperatorCommands = ReturnType<typeof createOperatorCommands>

/** What an operator changes beside purchases. Errors are `ApiError`s. */
export const createOperatorCommands = (db: Db) => ({
  createProduct: (...[product]: Tail<typeof createProduct>) => createProduct(db, product),

  changeProduct: async (...[id, change]: Tail<typeof changeProduct>): Promise<void> => {
    if (!(await changeProduct(db, id, change))) throw new ApiError('product_not_found', { field: 'payToViewProductId' })
  },

  setOffer: async (...[productId, entityId, offered]: Tail<typeof setOffer>): Promise<void> => {
    if (!(await setOffer(db, productId, entityId, offered)))
      throw new ApiError('product_not_found', { field: 'payToViewProductId' })
  },

  resolveAlert: async (id: bigint, by: string): Promise<void> => {
    if (!(await resolveAlert(db, id, by))) throw new ApiError('alert_not_found', { field: 'id' })
  },
})

type Tail<F> = F extends (first: Db, ...rest: infer Rest) => unknown ? Rest : never
