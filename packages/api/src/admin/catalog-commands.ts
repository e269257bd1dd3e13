import {
  type AddedOffers,
  addOffers,
  completeEntity,
  completeProduct,
  type Db,
  deleteEntity,
  type EntityFields,
  type EntityInput,
  type ImportedRows,
  type ImportRow,
  importRows,
  type ProductFields,
  type ProductInput,
  putEntities,
  putProduct,
  removeOffer,
} from '@pay-to-view/db'
import { validateEntity } from '../entities/validate-entity.ts'
import { ApiError } from '../errors.ts'
import { type EntityJobs, startMoves } from './entity-job-commands.ts'

const updatedIds = (results: readonly { id: string; result: string }[]): string[] =>
  results.filter(({ result }) => result === 'updated').map(({ id }) => id)

/** The operator's changes to the catalog. The audit log records `actor`. The commands throw `ApiError`s. */
export const createCatalogCommands = (db: Db, jobs: EntityJobs) => ({
  putEntities: async (items: readonly EntityInput[], actor: string, options: { dryRun: boolean }) => {
    const results = await putEntities(db, items, actor, options)
    startMoves(db, jobs, updatedIds(results))
    return results
  },

  importRows: async (rows: readonly ImportRow[], options: { actor: string; dryRun: boolean }): Promise<ImportedRows> => {
    const imported = await importRows(db, rows, { ...options, validate: validateEntity })
    startMoves(db, jobs, updatedIds(imported.results))
    return imported
  },

  putEntity: async (input: EntityInput, actor: string): Promise<{ entity: EntityFields; result: string }> => {
    const [written] = await putEntities(db, [input], actor)
    if (!written) throw new Error('putEntities returned no result')
    if (written.result === 'failed') {
      const { code = 'validation', ...error } = written.error
      throw new ApiError(code, error)
    }
    startMoves(db, jobs, updatedIds([written]))
    // The result is built from the input and not read from the database, because another writer may have replaced the entity by now.
    return { entity: completeEntity(written.id, input), result: written.result }
  },

  deleteEntity: async (id: string, actor: string): Promise<void> => {
    const result = await deleteEntity(db, id, actor)
    if (result === 'not_found') throw new ApiError('entity_not_found', { field: 'id' })
    if (result === 'in_use') throw new ApiError('entity_in_use', { field: 'id' })
  },

  putProduct: async (
    input: ProductInput,
    actor: string,
  ): Promise<{ product: ProductFields; result: 'created' | 'updated' | 'unchanged' }> => {
    const { id, result } = await putProduct(db, input, actor)
    return { product: completeProduct(id, input), result }
  },

  addOffer: async (productId: string, entityId: string, actor: string): Promise<void> => {
    const added = await addOffers(db, productId, [entityId], actor)
    if (!added) throw new ApiError('product_not_found', { field: 'id' })
    if (added.unknown.length > 0) throw new ApiError('entity_not_found', { field: 'entityId' })
  },

  addOffers: async (productId: string, entityIds: readonly string[], actor: string): Promise<AddedOffers> => {
    const added = await addOffers(db, productId, entityIds, actor)
    if (!added) throw new ApiError('product_not_found', { field: 'id' })
    return added
  },

  removeOffer: async (productId: string, entityId: string, actor: string): Promise<void> => {
    await removeOffer(db, productId, entityId, actor)
  },
})
