import type { Access } from '@pay-to-view/react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useShop, useUser } from '../context.tsx'

/** One entity. The user is part of the key, because an unpublished entity is visible only to users with access. */
export const useEntity = (entityId: string) => {
  const { client } = useShop()
  const user = useUser()
  return useQuery({ queryKey: ['entity', entityId, user], queryFn: () => client.entities.get.query({ id: entityId }) })
}

/** Refetches an entity when the user's access to it changes, because its date may have been moved, or it may have been canceled. */
export const useEntityRefresh = (entityId: string, access: Access | undefined): void => {
  const queries = useQueryClient()
  const key = access && JSON.stringify([access.hasAccess, access.startsAt, access.expiresAt])
  const lastKey = useRef<string>(undefined)
  useEffect(() => {
    if (key === undefined) return
    if (lastKey.current !== undefined && lastKey.current !== key)
      void queries.invalidateQueries({ queryKey: ['entity', entityId] })
    lastKey.current = key
  }, [key, entityId, queries])
}
