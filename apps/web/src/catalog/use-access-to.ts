import type { Access } from '@pay-to-view/react'
import { useQuery } from '@tanstack/react-query'
import { useShop, useUser } from '../context.tsx'

/**
 * Maximum number of ids per call. The ids are part of the URL, and each id has up to 128 characters. The client batches several
 * calls into one request.
 */
const idsPerCall = 15

const chunksOf = (ids: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(ids.length / idsPerCall) }, (_, n) => ids.slice(n * idsPerCall, (n + 1) * idsPerCall))

/** Returns the signed-in user's access to the entities of one page. */
export const useAccessTo = (entityIds: readonly string[]): ReadonlyMap<string, Access> => {
  const { client } = useShop()
  const user = useUser()
  const access = useQuery({
    queryKey: ['access-to', user, entityIds],
    queryFn: async () => {
      const results = await Promise.all(chunksOf(entityIds).map((entityId) => client.access.checkMany.query({ entityId })))
      return results.flatMap(({ items }) => items)
    },
    enabled: user !== null && entityIds.length > 0,
    refetchOnMount: 'always',
    refetchInterval: 15_000,
  })
  return new Map(access.data?.map((state) => [state.entityId, state]))
}
