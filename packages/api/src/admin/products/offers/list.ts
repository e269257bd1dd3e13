import { z } from 'zod'
import { pageInput, pageOf, readCursor, toPage } from '../../../cursor.ts'
import { EntityStatus, EntityType } from '../../../entities/entity-input.ts'
import { ApiError } from '../../../errors.ts'
import { EntityId, ProductId } from '../../../purchases/schemas.ts'
import { scopedProcedure } from '../../../trpc.ts'

const offer = z.object({ entityId: EntityId, type: EntityType, title: z.string(), status: EntityStatus })

/** The entities that a product is offered for. */
export const list = scopedProcedure('catalog:read')
  .meta({
    rest: {
      method: 'GET',
      path: '/admin/v1/pay-to-view/products/{id}/offers',
      summary: 'List the entities that a product is offered for',
      tag: 'admin',
      errors: ['product_not_found'],
    },
  })
  .input(z.strictObject({ id: ProductId, ...pageInput }))
  .output(pageOf(offer))
  .query(async ({ ctx, input: { id: productId, limit, cursor } }) => {
    const [after = null] = readCursor(cursor, z.tuple([EntityId])) ?? []
    const { reads } = ctx.services
    const [product, rows] = await Promise.all([reads.product(productId), reads.offersOf(productId, after, limit + 1)])
    if (!product) throw new ApiError('product_not_found', { field: 'id' })
    return toPage(
      rows,
      limit,
      ({ id }) => [id],
      ({ id: entityId, ...entity }) => ({ entityId, ...entity }),
    )
  })
