import { z } from 'zod'
import { EntityId, ProductId } from '../../../purchases/schemas.ts'
import { withinResponseSize } from '../../../response-size.ts'
import { text } from '../../../text.ts'
import { scopedProcedure } from '../../../trpc.ts'
import { shortenId } from '../../entities/many-items.ts'

const maxIds = 1_000
const expectedIds = `Expected a list of 1 to ${maxIds} entity ids`

/** Offers a product for up to 1,000 entities. An entity that does not exist fails without affecting the other entities. */
export const add = scopedProcedure('catalog:write', 'catalog')
  .meta({
    rest: {
      method: 'POST',
      path: '/admin/v1/pay-to-view/products/{id}/offers',
      summary: 'Offer a product for up to 1,000 entities',
      tag: 'admin',
      errors: ['product_not_found'],
    },
  })
  .input(
    z.strictObject({
      id: ProductId,
      entityIds: z.array(text(1_000), expectedIds).min(1, expectedIds).max(maxIds, expectedIds),
    }),
  )
  .output(
    z.object({
      added: z.int(),
      already: z.int().meta({ description: 'Offers that already existed' }),
      failed: z.array(
        z.object({
          entityId: z.string().meta({ description: 'Shortened if it exceeds the maximum length of an id' }),
          error: z
            .object({ code: z.string(), message: z.string() })
            .optional()
            .meta({ description: 'Omitted for the last failed items if the response would be larger than 200 kB' }),
        }),
      ),
    }),
  )
  .mutation(async ({ ctx, input: { id, entityIds } }) => {
    const isValid = (entityId: string): boolean => EntityId.safeParse(entityId).success
    const { added, already, unknown } = await ctx.services.operator.addOffers(id, entityIds.filter(isValid), ctx.user.id)
    const failed = [
      ...entityIds
        .filter((entityId) => !isValid(entityId))
        .map((entityId) => ({
          entityId: shortenId(entityId),
          error: { code: 'validation', message: 'Expected the id of an entity' },
        })),
      ...unknown.map((entityId) => ({ entityId, error: { code: 'entity_not_found', message: 'Create the entity first' } })),
    ]
    return { added, already, failed: withinResponseSize(failed) }
  })
