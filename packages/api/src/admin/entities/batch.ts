import { type EntityInput, entityIdFrom, type PutResult } from '@pay-to-view/db'
import { z } from 'zod'
import { entityInput } from '../../entities/entity-input.ts'
import { IdempotencyKey } from '../../idempotency-key.ts'
import { withinResponseSize } from '../../response-size.ts'
import { fieldErrors } from '../../to-api-error.ts'
import { scopedProcedure } from '../../trpc.ts'
import { countResults, dryRun, failedItem, type ItemResult, itemResult, resultCounts, uncheckedItems } from './many-items.ts'

const toResult = (index: number, written: PutResult): ItemResult =>
  written.result === 'failed' ? failedItem(index, written, written.error) : { index, ...written }

/**
 * Returns the item with its id. The generated id follows from the caller, the idempotency key and the item, so a repeated request finds the
 * entity that the first request created, and a different item never replaces it.
 */
const withId = (entity: EntityInput, index: number, actor: string, idempotencyKey: string | undefined): EntityInput => {
  if (entity.id !== undefined || idempotencyKey === undefined) return entity
  return { ...entity, id: entityIdFrom(entity.type, JSON.stringify([actor, idempotencyKey, index, entity])) }
}

/** Creates or replaces up to 1,000 entities. An invalid item fails without affecting the other items. */
export const batch = scopedProcedure('catalog:write', 'catalog')
  .meta({
    rest: {
      method: 'POST',
      path: '/admin/v1/pay-to-view/entities/batch',
      summary: 'Create or replace up to 1,000 entities',
      tag: 'admin',
      maxBodyBytes: 32 * 1024 * 1024,
      headers: { idempotencyKey: 'Idempotency-Key' },
    },
  })
  .input(
    z.strictObject({
      items: uncheckedItems('entities'),
      dryRun,
      idempotencyKey: IdempotencyKey.optional(),
    }),
  )
  .output(z.object({ ...resultCounts, items: z.array(itemResult) }))
  .mutation(async ({ ctx, input }) => {
    const valid: { index: number; entity: EntityInput }[] = []
    const items: ItemResult[] = []
    for (const [index, item] of input.items.entries()) {
      const { data, error } = entityInput.safeParse(item)
      const [first] = error ? fieldErrors(error) : []
      if (data) valid.push({ index, entity: withId(data, index, ctx.user.id, input.idempotencyKey) })
      else items.push(failedItem(index, item, first ?? { field: 'body', message: 'Expected an entity' }))
    }
    const written = await ctx.services.operator.putEntities(
      valid.map(({ entity }) => entity),
      ctx.user.id,
      { dryRun: input.dryRun },
    )
    for (const [position, { index }] of valid.entries()) {
      const result = written[position]
      if (result) items.push(toResult(index, result))
    }
    items.sort((a, b) => a.index - b.index)
    return { ...countResults(items), items: withinResponseSize(items) }
  })
