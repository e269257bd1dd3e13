'use client'

import type { Outputs } from '@pay-to-view/client'
import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { listenToAccess } from './access-streams.ts'
import { atOnce } from './network.ts'
import { usePayToView } from './provider.tsx'

export type Access = Outputs['access']['check']

const onVisibility = (hear: () => void) => {
  document.addEventListener('visibilitychange', hear)
  return () => document.removeEventListener('visibilitychange', hear)
}
const isVisible = () => document.visibilityState === 'visible'

/**
 * Whether the user may watch an entity: told by the server the moment it changes, and asked for while that connection is away, or while the
 * page has as many as it may have. `urgent` asks more often, for the time between payment and access. A page that nobody sees has no
 * connection. The state is sent on every connection, so nothing is missed.
 */
export const useAccess = (entityId: string, { urgent = false }: { urgent?: boolean } = {}): UseQueryResult<Access> => {
  const { client, user } = usePayToView()
  const queries = useQueryClient()
  const visible = useSyncExternalStore(onVisibility, isVisible, () => true)
  const [told, setTold] = useState(false)
  useEffect(() => {
    if (user === null || !visible) return
    const queryKey = ['access', user, entityId]
    const end = listenToAccess(
      client,
      { user, entityId },
      {
        onTold: setTold,
        // An answer that is under way is older than what is told.
        onState: (state) => void queries.cancelQueries({ queryKey }).then(() => queries.setQueryData(queryKey, state)),
      },
    )
    return () => {
      end()
      setTold(false)
    }
  }, [client, entityId, queries, user, visible])
  return useQuery({
    ...atOnce,
    queryKey: ['access', user, entityId],
    queryFn: () => client.access.check.query({ entityId }),
    enabled: user !== null,
    refetchInterval: told ? false : urgent ? 1_000 : 15_000,
  })
}
