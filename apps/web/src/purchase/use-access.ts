import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useShop, useUser } from '../context.tsx'

/**
 * Whether the viewer may watch an entity: told by the server the moment it changes, and asked for while that connection is away. `urgent`
 * asks more often, for the time between payment and access.
 */
export const useAccess = (entityId: string, urgent = false) => {
  const { client } = useShop()
  const user = useUser()
  const queries = useQueryClient()
  const [told, setTold] = useState(false)
  const key = ['access', user, entityId]
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
    queryKey: key,
    queryFn: () => client.access.check.query({ entityId }),
    enabled: user !== null,
    refetchInterval: told ? false : urgent ? 1_000 : 15_000,
  })
}
