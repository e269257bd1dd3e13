import { z } from 'zod'
import { publicConsent } from '../consent.ts'
import { pageInput, pageOf, readCursor, toPage } from '../cursor.ts'
import { EntityId, ProductId } from '../purchases/schemas.ts'
import { publicListProcedure } from '../trpc.ts'
import { guideProduct, toGuideProduct } from './item.ts'

/** The products on sale, for one entity or for all entities. */
export const list = publicListProcedure
  .meta({
    rest: {
      method: 'GET',
      path: '/client/v1/pay-to-view/products',
      summary: 'List the products on sale',
      tag: 'client',
      public: true,
    },
  })
  .input(z.strictObject({ entityId: EntityId.optional(), ...pageInput }))
  .output(pageOf(guideProduct).extend({ consent: publicConsent }))
  .query(async ({ ctx, input: { entityId, limit, cursor } }) => {
    const [after = null] = readCursor(cursor, z.tuple([ProductId])) ?? []
    const { reads, consent } = ctx.services
    const entity = entityId === undefined ? null : await reads.entity(entityId)
    if (entityId !== undefined && entity === null) return { items: [], nextCursor: null, consent }
    const rows = entity ? await reads.productsOf(entity.id, after, limit + 1) : await reads.products(after, limit + 1)
    const page = toPage(
      rows,
      limit,
      ({ id }) => [id],
      (row) => toGuideProduct(row, ctx.services, entity ?? undefined),
    )
    return { ...page, consent }
  })
