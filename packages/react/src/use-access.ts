import type { Outputs } from '@pay-to-view/client'
import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { usePayToView } from './provider.tsx'

export type Access = Outputs['access']['check']

/**
 * Whether the user may watch an entity: told by the server the moment it changes, and asked for while that connection is away. `urgent`
 * asks more often, for the time between payment and access.
 */
export const useAccess = (entityId: string, { urgent = false }: { urgent?: boolean } = {}): UseQueryResult<Access> => {
  const { client, user } = usePayToView()
  const queries = useQueryClient()
  const [told, setTold] = useState(false)
  useEffect(() => {
    if (user === null) return
    const subscription = client.access.watch.subscribe(
      { entityId },
      {
        onData: (state) => {
          setTold(true)
          queries.setQueryData(['access', user, entityId], state)
        },
        onConnectionStateChange: ({ state }) => state !== 'pending' && setTold(false),
        onError: () => setTold(false),
      },
    )
    return () => subscription.unsubscribe()
  }, [client, entityId, queries, user])
  return useQuery({
    queryKey: ['access', user, entityId],
    queryFn: () => client.access.check.query({ entityId }),
    enabled: user !== null,
    refetchInterval: told ? false : urgent ? 1_000 : 15_000,
  })
}
