'use client'

import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState, useSyncExternalStore } from 'react'
import type { Access } from './access-phase.ts'
import { subscribeToAccess } from './access-streams.ts'
import { networkOptions } from './network-options.ts'
import { usePayToView } from './provider.tsx'

const subscribeToVisibility = (listener: () => void) => {
  document.addEventListener('visibilitychange', listener)
  return () => document.removeEventListener('visibilitychange', listener)
}
const isPageVisible = () => document.visibilityState === 'visible'

/**
 * Returns whether the user has access to an entity. The server pushes the current state when a connection opens, and then every
 * change. Without a connection, or if the page has reached its stream limit, the hook polls every 15 seconds, or every second
 * with `pollFast`. A hidden page has no connection.
 */
export const useAccess = (entityId: string, { pollFast = false }: { pollFast?: boolean } = {}): UseQueryResult<Access> => {
  const { client, user } = usePayToView()
  const queries = useQueryClient()
  const isVisible = useSyncExternalStore(subscribeToVisibility, isPageVisible, () => true)
  const [isConnected, setConnected] = useState(false)
  useEffect(() => {
    if (user === null || !isVisible) return
    const queryKey = ['access', user, entityId]
    const unsubscribe = subscribeToAccess(
      client,
      { user, entityId },
      {
        onConnectionChange: setConnected,
        // Pending requests are canceled, because their responses are older than the pushed state.
        onState: (state) => void queries.cancelQueries({ queryKey }).then(() => queries.setQueryData(queryKey, state)),
      },
    )
    return () => {
      unsubscribe()
      setConnected(false)
    }
  }, [client, entityId, queries, user, isVisible])
  return useQuery({
    ...networkOptions,
    queryKey: ['access', user, entityId],
    queryFn: () => client.access.check.query({ entityId }),
    enabled: user !== null,
    refetchInterval: isConnected ? false : pollFast ? 1_000 : 15_000,
  })
}
