import { containerTypes, type EntityType, maxContainerLevels } from '@pay-to-view/purchase'
import type { EntityFields } from './entity-fields.ts'
import type { MembershipGraph } from './membership-graph.ts'

/** The reason why an entity or a product is not written. An omitted `code` means `validation`. */
export interface WriteFailure {
  field: string
  message: string
  code?: 'entity_in_use'
}

/** The part of the stored catalog that validation needs, as it was before the write. */
export interface StoredCatalog {
  entities: ReadonlyMap<string, EntityFields>
  /** The types of the containers that the items name, by container id. */
  containerTypes: ReadonlyMap<string, EntityType>
  /** The ids of the items that are in use (see entitiesInUse). */
  inUse: ReadonlySet<string>
  graph: MembershipGraph
}

const containerIds = ({ memberOf }: EntityFields): string[] => memberOf.map(({ id }) => id)

export const changesContainers = (before: EntityFields | undefined, after: EntityFields): boolean =>
  JSON.stringify(before === undefined ? [] : containerIds(before)) !== JSON.stringify(containerIds(after))

const checkType = (item: EntityFields, { entities, inUse, graph }: StoredCatalog): WriteFailure | null => {
  const before = entities.get(item.id)
  if (before === undefined || before.type === item.type) return null
  if (inUse.has(item.id)) {
    const message = `Expected ${before.type}: the type of an entity cannot change once the entity, or a container that includes it, has been sold or granted, or a checkout was started`
    return { field: 'type', message, code: 'entity_in_use' }
  }
  if (containerTypes.includes(item.type) || !graph.hasMembers(item.id)) return null
  return {
    field: 'type',
    message: `Expected ${containerTypes.join(' or ')}, because this entity has members; remove the members first`,
  }
}

/**
 * Validates the items of a batch against each other and the stored catalog. A container may come after its members in the batch. An invalid
 * item fails without affecting the other items, except that the members of an invalid new container fail too. Returns the failures by the
 * index of the item.
 */
export const validateEntities = (items: readonly EntityFields[], stored: StoredCatalog): Map<number, WriteFailure> => {
  const failures = new Map<number, WriteFailure>()
  const indexes = new Map<string, number>()
  const state = new Map<number, 'started' | 'done'>()
  for (const [index, { id }] of items.entries()) {
    const first = indexes.get(id)
    if (first === undefined) indexes.set(id, index)
    else {
      failures.set(index, {
        field: 'id',
        message: `Expected an id that occurs once; the item with index ${first} also has this id`,
      })
      state.set(index, 'done')
    }
  }

  /**
   * Returns the type that a container has after the batch, null if the container does not exist, or `started` if a new container is still
   * being validated.
   */
  const containerType = (id: string): EntityType | null | 'started' => {
    const index = indexes.get(id)
    const item = index === undefined ? undefined : items[index]
    const before = stored.containerTypes.get(id) ?? null
    if (index === undefined || item === undefined) return before
    validate(index, item)
    if (state.get(index) === 'started') return before ?? 'started'
    return failures.has(index) ? before : item.type
  }

  const checkContainers = (item: EntityFields): WriteFailure | null => {
    const field = 'memberOf'
    const ids = containerIds(item)
    if (new Set(ids).size < ids.length) return { field, message: 'Expected each id only once' }
    for (const id of ids) {
      const type = containerType(id)
      if (type === null) return { field, message: `${id} does not exist. Create it first, or remove it from memberOf` }
      if (type === 'started') return { field, message: `${id} would contain itself. Remove it from memberOf` }
      if (type === 'video') return { field, message: `${id} is a video. Expected ids of channels or contents` }
    }
    if (!changesContainers(stored.entities.get(item.id), item)) return null
    const rejection = stored.graph.move(item.id, ids)
    if (rejection === null) return null
    const message =
      rejection === 'cycle'
        ? `${item.id} would contain itself. Remove ${item.id} and its members from memberOf`
        : `Expected at most ${maxContainerLevels} levels of containers above an entity`
    return { field, message }
  }

  const validate = (index: number, item: EntityFields): void => {
    if (state.has(index)) return
    state.set(index, 'started')
    const failure = checkType(item, stored) ?? checkContainers(item)
    if (failure) failures.set(index, failure)
    state.set(index, 'done')
  }

  for (const [index, item] of items.entries()) validate(index, item)
  return failures
}
