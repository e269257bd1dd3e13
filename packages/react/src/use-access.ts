import type { Outputs } from '@pay-to-view/client'
import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { usePayToView } from './provider.tsx'

export type Access = Outputs['access']['check']

const onVisibility = (hear: () => void) => {
  document.addEventListener('visibilitychange', hear)
  return () => document.removeEventListener('visibilitychange', hear)
}
const isVisible = () => document.visibilityState === 'visible'

/**
 * Whether the user may watch an entity: told by the server the moment it changes, and asked for while that connection is away. `urgent`
 * asks more often, for the time between payment and access. A page that nobody sees has no connection: over HTTP/1.1 a browser opens six to
 * one server, for all of its tabs. The state is sent on every connection, so nothing is missed.
 */
export const useAccess = (entityId: string, { urgent = false }: { urgent?: boolean } = {}): UseQueryResult<Access> => {
  const { client, user } = usePayToView()
  const queries = useQueryClient()
  const visible = useSyncExternalStore(onVisibility, isVisible, () => true)
  const [told, setTold] = useState(false)
  useEffect(() => {
    if (user === null || !visible) return
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
    return () => {
      subscription.unsubscribe()
      setTold(false)
    }
  }, [client, entityId, queries, user, visible])
  return useQuery({
    queryKey: ['access', user, entityId],
    queryFn: () => client.access.check.query({ entityId }),
    enabled: user !== null,
    refetchInterval: told ? false : urgent ? 1_000 : 15_000,
  })
}
