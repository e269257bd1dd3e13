import type { Db } from '../../client.ts'
import type { Prisma } from '../../generated/client.ts'
import type { EntityInput } from '../entity-fields.ts'
import { inCatalogTransaction } from '../lock.ts'
import { putEntitiesIn } from '../put-entities.ts'
import { readEntityFields } from '../read-entity-fields.ts'
import type { WriteFailure } from '../validate-entities.ts'
import { applyChanges, type EntityChanges } from './entity-changes.ts'
import { offerProducts } from './offer-products.ts'
import type { ProductTerms } from './product-terms.ts'

export interface ImportRow {
  id: string
  fields: EntityChanges
  /** Products to offer for the entity. */
  products: readonly ProductTerms[]
}

export type ImportResult =
  | { id: string; result: 'created' | 'updated' | 'unchanged'; addedOffers: number }
  | { id: string; result: 'failed'; error: WriteFailure }

export interface ImportOptions {
  /** The actor for the audit log. */
  actor: string
  /** If true, nothing is written, and the results say what would change. */
  dryRun: boolean
  /** Validates the complete entity after the changes. */
  validate: (entity: EntityInput) => WriteFailure | null
  /** In a dry run, returns whether another valid row would create the container. */
  isCreatedContainer?: (id: string) => boolean
}

export interface ImportedRows {
  /** The results, in the order of the rows. */
  results: ImportResult[]
  createdProducts: ProductTerms[]
}

/**
 * Removes missing containers from the entities. A dry run needs this, because it does not create containers. Returns the ids of the
 * affected entities.
 */
const removeContainers = async (
  tx: Prisma.TransactionClient,
  entities: Map<string, EntityInput>,
  isCreatedContainer: (id: string) => boolean,
): Promise<Set<string>> => {
  const idOf = (container: string | { id: string }): string => (typeof container === 'string' ? container : container.id)
  const named = [...entities.values()].flatMap(({ memberOf = [] }) => memberOf.map(idOf)).filter(isCreatedContainer)
  const existing = await tx.entity.findMany({ where: { id: { in: [...new Set(named)] } }, select: { id: true } })
  const known = new Set([...entities.keys(), ...existing.map(({ id }) => id)])
  const removed = new Set(named.filter((id) => !known.has(id)))
  const members = new Set<string>()
  for (const [id, entity] of entities) {
    const memberOf = entity.memberOf?.filter((container) => !removed.has(idOf(container)))
    if (memberOf?.length === entity.memberOf?.length) continue
    members.add(id)
    entities.set(id, { ...entity, memberOf })
  }
  return members
}

/** Returns the changed entities, and the failures for entities that cannot be written. */
const mergeRows = async (tx: Prisma.TransactionClient, rows: readonly ImportRow[], validate: ImportOptions['validate']) => {
  const current = await readEntityFields(
    tx,
    rows.map(({ id }) => id),
  )
  const entities = new Map<string, EntityInput>()
  const failures = new Map<string, WriteFailure>()
  for (const { id, fields } of rows) {
    const merged = applyChanges(id, current.get(id), fields)
    const failure = 'failure' in merged ? merged.failure : validate(merged.entity)
    if (failure) failures.set(id, failure)
    else if ('entity' in merged) entities.set(id, merged.entity)
  }
  return { entities, failures }
}

/**
 * Imports up to 1,000 rows with different ids in one transaction. Fields that a row omits keep their current values, which are read under
 * the catalog's lock, so no concurrent change is lost. An invalid row fails without affecting the other rows.
 */
export const importRows = (db: Db, rows: readonly ImportRow[], options: ImportOptions): Promise<ImportedRows> => {
  const { actor, dryRun, validate, isCreatedContainer } = options
  const run = async (tx: Prisma.TransactionClient): Promise<ImportedRows> => {
    const { entities, failures } = await mergeRows(tx, rows, validate)
    const membersOfNew =
      dryRun && isCreatedContainer ? await removeContainers(tx, entities, isCreatedContainer) : new Set<string>()
    const put = new Map((await putEntitiesIn(tx, [...entities.values()], actor)).map((result) => [result.id, result]))
    const wanted = rows
      .filter(({ id }) => (put.get(id)?.result ?? 'failed') !== 'failed')
      .flatMap(({ id: entityId, products }) => products.map((terms) => ({ entityId, terms })))
    const { added, created } = await offerProducts(tx, wanted, actor)
    const addedOffers = new Map<string, number>()
    for (const { entityId } of added) addedOffers.set(entityId, (addedOffers.get(entityId) ?? 0) + 1)
    const results = rows.map(({ id }): ImportResult => {
      const written = put.get(id)
      if (!written) return { id, result: 'failed', error: failures.get(id) ?? { field: 'id', message: 'Expected an entity' } }
      if (written.result === 'failed') return written
      const offers = addedOffers.get(id) ?? 0
      const isChanged = offers > 0 || membersOfNew.has(id)
      return { id, result: written.result === 'unchanged' && isChanged ? 'updated' : written.result, addedOffers: offers }
    })
    return { results, createdProducts: created }
  }
  return inCatalogTransaction(db, run, { dryRun })
}
