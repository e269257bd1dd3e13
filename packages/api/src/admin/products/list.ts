import { z } from 'zod'
import { pageInput, pageOf, readCursor, toPage } from '../../cursor.ts'
import { productItem } from '../../products/item.ts'
import { ProductStatus } from '../../products/product-input.ts'
import { EntityId, ProductId } from '../../purchases/schemas.ts'
import { text } from '../../text.ts'
import { scopedProcedure } from '../../trpc.ts'

/** All products, whether or not they are on sale. */
export const list = scopedProcedure('catalog:read')
  .meta({ rest: { method: 'GET', path: '/admin/v1/pay-to-view/products', summary: 'List the products', tag: 'admin' } })
  .input(
    z.strictObject({
      query: text(200).trim().optional().meta({ description: 'Part of the name, or the id' }),
      status: ProductStatus.optional(),
      entityId: EntityId.optional().meta({ description: 'Only the products that are offered for this entity' }),
      ...pageInput,
    }),
  )
  .output(pageOf(productItem))
  .query(async ({ ctx, input: { limit, cursor, ...filter } }) => {
    const [after = null] = readCursor(cursor, z.tuple([ProductId])) ?? []
    const rows = await ctx.services.reads.allProducts(filter, after, limit + 1)
    return toPage(
      rows,
      limit,
      ({ id }) => [id],
      (row) => row,
    )
  })
