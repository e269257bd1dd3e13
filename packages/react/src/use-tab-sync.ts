'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'

/** Returns null if the browser has no BroadcastChannel, or blocks it together with storage. Each tab then sees changes only when it refetches. */
const openChannel = (): BroadcastChannel | null => {
  try {
    return new BroadcastChannel('pay-to-view')
  } catch {
    return null
  }
}

/**
 * Notifies the user's other tabs when `purchaseState` changes, and refetches the purchases when notified. The server pushes
 * only changes to access.
 */
export const useTabSync = (user: string | null, purchaseState: string | null): void => {
  const queries = useQueryClient()
  const channelRef = useRef<BroadcastChannel | null>(null)
  useEffect(() => {
    if (user === null) return
    const channel = openChannel()
    channelRef.current = channel
    if (!channel) return
    channel.onmessage = ({ data }) => {
      if (data === user) void queries.invalidateQueries({ queryKey: ['purchases', user] })
    }
    return () => channel.close()
  }, [queries, user])
  useEffect(() => {
    if (user !== null && purchaseState !== null) channelRef.current?.postMessage(user)
  }, [user, purchaseState])
}
