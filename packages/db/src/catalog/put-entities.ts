import { createHash } from 'node:crypto'
import { type EntityType, prefixes } from '@pay-to-view/purchase'
import { TypeID, typeid } from 'typeid-js'
import { recordAudit } from '../audit.ts'
import type { Db } from '../client.ts'
import { recordMovedDates } from '../entity-jobs/create-jobs.ts'
import type { Prisma } from '../generated/client.ts'
import { entitiesInUse, lockAgainstPurchases } from './entities-in-use.ts'
import { auditedEntity, completeEntity, type EntityFields, type EntityInput, isSameEntity } from './entity-fields.ts'
import { inCatalogTransaction } from './lock.ts'
import { readMembershipGraph } from './membership-graph.ts'
import { readEntityFields } from './read-entity-fields.ts'
import { changesContainers, type StoredCatalog, validateEntities, type WriteFailure } from './validate-entities.ts'
import { updateContainments, writeEntityRows, writeMemberships } from './write-entities.ts'

export type PutResult =
  | { id: string; result: 'created' | 'updated' | 'unchanged' }
  | { id: string; result: 'failed'; error: WriteFailure }

export const newEntityId = (type: EntityType): string => typeid(prefixes[type]).toString()

/** Returns a generated id that is always the same for the same seed: a hash takes the place of the UUID. */
export const entityIdFrom = (type: EntityType, seed: string): string =>
  TypeID.fromUUIDBytes(prefixes[type], createHash('sha256').update(seed).digest().subarray(0, 16)).toString()

const readStoredCatalog = async (tx: Prisma.TransactionClient, items: readonly EntityFields[]): Promise<StoredCatalog> => {
  const entities = await readEntityFields(
    tx,
    items.map(({ id }) => id),
  )
  const containerIds = [...new Set(items.flatMap(({ memberOf }) => memberOf.map(({ id }) => id)))]
  const containers = await tx.entity.findMany({ where: { id: { in: containerIds } }, select: { id: true, type: true } })
  const withNewType = items.filter(({ id, type }) => (entities.get(id)?.type ?? type) !== type)
  // All rows that will be written are locked together, in the order of their ids.
  await lockAgainstPurchases(tx, withNewType.length === 0 ? [] : items.map(({ id }) => id))
  const moved = items.filter((item) => changesContainers(entities.get(item.id), item))
  return {
    entities,
    containerTypes: new Map(containers.map(({ id, type }) => [id, type])),
    inUse: await entitiesInUse(
      tx,
      withNewType.map(({ id }) => id),
    ),
    graph: await readMembershipGraph(tx, { memberIds: [...moved, ...withNewType].map(({ id }) => id), containerIds }),
  }
}

const hasSameMemberOf = (before: EntityFields | undefined, { memberOf }: EntityFields): boolean =>
  JSON.stringify(before?.memberOf ?? []) === JSON.stringify(memberOf)

const write = async (
  tx: Prisma.TransactionClient,
  changed: readonly EntityFields[],
  before: ReadonlyMap<string, EntityFields>,
  actor: string,
): Promise<void> => {
  await writeEntityRows(tx, changed)
  await writeMemberships(
    tx,
    changed.filter((item) => !hasSameMemberOf(before.get(item.id), item)),
  )
  await updateContainments(
    tx,
    changed.filter((item) => changesContainers(before.get(item.id), item)).map(({ id }) => id),
  )
  const records = changed.map((item) => {
    const previous = before.get(item.id)
    return {
      actor,
      action: previous ? 'entity.updated' : 'entity.created',
      subjectId: item.id,
      before: previous === undefined ? null : auditedEntity(previous),
      after: auditedEntity(item),
    }
  })
  await recordAudit(tx, ...records)
  await recordMovedDates(tx, movedDates(changed, before), actor)
}

/** Returns the changed entities that already existed with a different `availableFrom`. */
const movedDates = (changed: readonly EntityFields[], before: ReadonlyMap<string, EntityFields>) =>
  changed.flatMap(({ id: entityId, availableFrom: after }) => {
    const previous = before.get(entityId)
    return previous && previous.availableFrom !== after ? [{ entityId, before: previous.availableFrom, after }] : []
  })

/** Like `putEntities`, but runs in a transaction that already holds the catalog's lock. */
export const putEntitiesIn = async (
  tx: Prisma.TransactionClient,
  inputs: readonly EntityInput[],
  actor: string,
): Promise<PutResult[]> => {
  const items = inputs.map((input) => completeEntity(input.id ?? newEntityId(input.type), input))
  const stored = await readStoredCatalog(tx, items)
  const failures = validateEntities(items, stored)
  const results = items.map((item, index): PutResult => {
    const error = failures.get(index)
    if (error) return { id: item.id, result: 'failed', error }
    const before = stored.entities.get(item.id)
    return { id: item.id, result: before === undefined ? 'created' : isSameEntity(before, item) ? 'unchanged' : 'updated' }
  })
  const isWritten = ({ result }: PutResult): boolean => result === 'created' || result === 'updated'
  await write(
    tx,
    items.filter((_, index) => results.slice(index, index + 1).some(isWritten)),
    stored.entities,
    actor,
  )
  return results
}

/**
 * Creates or replaces at most 1,000 entities in one transaction. An invalid item fails without affecting the other items. The results are
 * in the order of the items. Unchanged entities are not written. The audit log names `actor`. A dry run only returns the results.
 */
export const putEntities = (
  db: Db,
  inputs: readonly EntityInput[],
  actor: string,
  options: { dryRun?: boolean } = {},
): Promise<PutResult[]> => inCatalogTransaction(db, (tx) => putEntitiesIn(tx, inputs, actor), options)
