import { useQuery } from '@tanstack/react-query'
import { useShop, useUser } from '../context.tsx'

/** A call is a URL, and an id has up to 128 characters. The client sends several calls together. */
const idsPerCall = 15

const chunksOf = (ids: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(ids.length / idsPerCall) }, (_, n) => ids.slice(n * idsPerCall, (n + 1) * idsPerCall))

/** Returns which of the entities of one page the signed-in user has access to. */
export const useAccessibleIds = (entityIds: readonly string[]): Set<string> => {
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
  return new Set(access.data?.filter(({ hasAccess }) => hasAccess).map(({ entityId }) => entityId))
}
