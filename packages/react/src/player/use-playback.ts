'use client'

import { createPlaybackSession, type PlaybackSession, type PlaybackState } from '@pay-to-view/client'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { usePayToView } from '../provider.tsx'
import { useAccess } from '../use-access.ts'

export interface PlaybackOptions {
  /** False to wait, for example because the first playback starts a rental's viewing period. */
  isEnabled?: boolean
  /** Returns the media position in seconds, for the play log. */
  position?: () => number
}

export type Playback = Omit<PlaybackSession, 'state' | 'end'> & {
  /** Null until playback is enabled, and while the user is signed out. */
  state: PlaybackState | null
}

/**
 * For custom players: takes one of the user's places while the component is rendered, and keeps the token valid. `state.source`
 * contains the URL and the token, which changes during playback.
 */
export const usePlayback = (entityId: string, { isEnabled = true, position }: PlaybackOptions = {}): Playback => {
  const { client, user } = usePayToView()
  const { data: access } = useAccess(entityId)
  const [state, setState] = useState<PlaybackState | null>(null)
  const session = useRef<PlaybackSession>(null)
  const positionRef = useRef(position)
  useEffect(() => {
    positionRef.current = position
  })
  // The media element is removed before the session ends. Layout effects are cleaned up earlier, so this one can still read the position.
  const lastPosition = useRef(Number.NaN)
  useLayoutEffect(
    () => () => {
      lastPosition.current = positionRef.current?.() ?? Number.NaN
    },
    [],
  )
  useEffect(() => {
    if (!isEnabled || user === null) return
    let isCurrent = true
    lastPosition.current = Number.NaN
    const created = createPlaybackSession({
      ...{ client, entityId, watchAccess: false },
      position: () => {
        const seconds = positionRef.current?.() ?? Number.NaN
        return Number.isFinite(seconds) ? seconds : lastPosition.current
      },
      onChange: (next) => isCurrent && setState(next),
    })
    session.current = created
    setState(created.state)
    return () => {
      isCurrent = false
      session.current = null
      created.end()
      setState(null)
    }
  }, [client, user, entityId, isEnabled])
  // A session that a later click creates also gets the access, so it can report why access ended.
  useEffect(() => {
    if (access) session.current?.setAccess(access)
  }, [access, client, user, entityId, isEnabled])
  const [actions] = useState<Omit<Playback, 'state'>>(() => ({
    setPlaying: (isPlaying) => session.current?.setPlaying(isPlaying),
    renew: () => session.current?.renew(),
    setAccess: (next) => session.current?.setAccess(next),
    restart: (options) => session.current?.restart(options),
  }))
  return { state, ...actions }
}
