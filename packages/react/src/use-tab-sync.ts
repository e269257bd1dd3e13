'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'

/**
 * Tells the user's other pages in this browser when `state`, how far a purchase is, has become another, and asks again when one of them
 * tells. (That access opens or ends is told by the server; that a bank debit is under way is not.)
 */
export const useOtherPages = (user: string | null, state: string | null): void => {
  const queries = useQueryClient()
  const others = useRef<BroadcastChannel | null>(null)
  useEffect(() => {
    if (user === null) return
    const channel = new BroadcastChannel('pay-to-view')
    others.current = channel
    channel.onmessage = ({ data }) => {
      if (data === user) void queries.invalidateQueries({ queryKey: ['purchases', user] })
    }
    return () => channel.close()
  }, [queries, user])
  useEffect(() => {
    if (user !== null && state !== null) others.current?.postMessage(user)
  }, [user, state])
}
