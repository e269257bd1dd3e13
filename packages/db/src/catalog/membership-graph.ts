import { maxContainerLevels } from '@pay-to-view/purchase'
import type { Prisma } from '../generated/client.ts'

/** The reason why a membership is rejected. */
export type MembershipRejection = 'cycle' | 'too_many_levels'

/** The memberships around the entities that are being written: how the containers are nested, and which of them have members. */
export interface MembershipGraph {
  /** Whether an entity contains other entities. */
  hasMembers(id: string): boolean
  /**
   * Moves an entity into the given containers and out of all other containers. If the move is not allowed, changes nothing and returns the
   * reason.
   */
  move(id: string, containerIds: readonly string[]): MembershipRejection | null
}

const add = (map: Map<string, Set<string>>, key: string, value: string): void => {
  map.set(key, (map.get(key) ?? new Set()).add(value))
}

/**
 * Returns the number of memberships on the longest chain that starts at an entity and follows `edges`. `least` returns the minimum length
 * for an entity.
 */
const chainLength = (
  edges: ReadonlyMap<string, ReadonlySet<string>>,
  id: string,
  least: (id: string) => number = () => 0,
  known = new Map<string, number>(),
): number => {
  const cached = known.get(id)
  if (cached !== undefined) return cached
  const lengths = [...(edges.get(id) ?? [])].map((next) => 1 + chainLength(edges, next, least, known))
  const length = Math.max(least(id), ...lengths)
  known.set(id, length)
  return length
}

const isAbove = (
  edges: ReadonlyMap<string, ReadonlySet<string>>,
  id: string,
  searched: string,
  seen = new Set<string>(),
): boolean => {
  if (id === searched) return true
  if (seen.has(id)) return false
  seen.add(id)
  return [...(edges.get(id) ?? [])].some((next) => isAbove(edges, next, searched, seen))
}

/** `memberships` omits members that contain nothing, so `containersWithMembers` lists the ids of all containers with members. */
export const createMembershipGraph = (
  memberships: readonly { memberId: string; containerId: string }[],
  containersWithMembers: readonly string[],
): MembershipGraph => {
  const containersOf = new Map<string, Set<string>>()
  const membersOf = new Map<string, Set<string>>()
  const withMembers = new Set(containersWithMembers)
  for (const { memberId, containerId } of memberships) {
    add(containersOf, memberId, containerId)
    add(membersOf, containerId, memberId)
  }
  const levelsBelow = (id: string): number => chainLength(membersOf, id, (member) => (withMembers.has(member) ? 1 : 0))
  return {
    hasMembers: (id) => withMembers.has(id) || (membersOf.get(id)?.size ?? 0) > 0,
    move: (id, containerIds) => {
      if (containerIds.some((containerId) => isAbove(containersOf, containerId, id))) return 'cycle'
      const levelsAbove = Math.max(0, ...containerIds.map((containerId) => 1 + chainLength(containersOf, containerId)))
      if (levelsAbove + levelsBelow(id) > maxContainerLevels) return 'too_many_levels'
      for (const containerId of containersOf.get(id) ?? []) membersOf.get(containerId)?.delete(id)
      containersOf.set(id, new Set(containerIds))
      for (const containerId of containerIds) add(membersOf, containerId, id)
      return null
    },
  }
}

/**
 * Reads the memberships above the given containers, and the memberships of containers below the given members. The caller holds the
 * catalog's lock. Postgres overestimates the size of recursive queries and would scan whole tables; OFFSET 0 makes it look up each row in
 * an index.
 */
export const readMembershipGraph = async (
  tx: Prisma.TransactionClient,
  { memberIds, containerIds }: { memberIds: readonly string[]; containerIds: readonly string[] },
): Promise<MembershipGraph> => {
  const memberships = await tx.$queryRaw<{ memberId: string; containerId: string }[]>`
    WITH RECURSIVE above AS (
      SELECT member_id, container_id FROM memberships WHERE member_id = ANY (${containerIds})
      UNION
      SELECT next_.* FROM above CROSS JOIN LATERAL (
        SELECT member_id, container_id FROM memberships WHERE memberships.member_id = above.container_id OFFSET 0
      ) AS next_
    ), below AS (
      SELECT member_id, container_id FROM memberships
      WHERE container_id = ANY (${memberIds}) AND EXISTS (SELECT FROM memberships AS inner_ WHERE inner_.container_id = memberships.member_id OFFSET 0)
      UNION
      SELECT next_.* FROM below CROSS JOIN LATERAL (
        SELECT member_id, container_id FROM memberships
        WHERE memberships.container_id = below.member_id
          AND EXISTS (SELECT FROM memberships AS inner_ WHERE inner_.container_id = memberships.member_id OFFSET 0)
        OFFSET 0
      ) AS next_
    )
    SELECT member_id AS "memberId", container_id AS "containerId" FROM above
    UNION
    SELECT member_id, container_id FROM below`
  const seen = new Set([
    ...memberIds,
    ...containerIds,
    ...memberships.flatMap(({ memberId, containerId }) => [memberId, containerId]),
  ])
  const withMembers = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM unnest(${[...seen]}::text[]) AS seen (id) WHERE EXISTS (SELECT FROM memberships WHERE container_id = seen.id)`
  return createMembershipGraph(
    memberships,
    withMembers.map(({ id }) => id),
  )
}
