'use client'

import type { PlaybackSource } from '@pay-to-view/client'
import { type ReactNode, type RefObject, useEffect, useState } from 'react'
import { type MediaPosition, readStoredPosition, saveIntervalMs, storePosition } from './stored-position.ts'

/** The props of a custom player for a provider. */
export interface ProviderPlayerProps {
  source: PlaybackSource
  title: string
  autoPlay: boolean
  /** The position in seconds at which to start, as saved on this device; 0 for the beginning. */
  startAt: number
  /** Call this when the media starts or stops playing. */
  setPlaying: (isPlaying: boolean) => void
  /**
   * Call this when the position changes, for example on `timeupdate`. The position is then sent for the play log, and saved on this
   * device. Accepts a video element.
   */
  setPosition: (position: MediaPosition) => void
  /** Call this when the provider rejects the token. `source` is then replaced; its token stays the same if it is still valid. */
  renew: () => void
}

export type RenderProviderPlayer = (props: ProviderPlayerProps) => ReactNode

interface ProviderPlayerOptions extends Omit<ProviderPlayerProps, 'startAt' | 'setPosition'> {
  render: RenderProviderPlayer
  user: string
  entityId: string
  /** The position in seconds that the session sends for the play log. */
  reported: RefObject<number>
}

/** Renders a custom player and remembers the position that it reports. */
export const ProviderPlayer = ({ render, user, entityId, reported, ...props }: ProviderPlayerOptions): ReactNode => {
  const { setPlaying } = props
  const [{ save, ...remembered }] = useState(() => {
    let last: MediaPosition | null = null
    let savedAt = 0
    const save = () => {
      if (!last) return
      savedAt = Date.now()
      storePosition(user, entityId, last)
    }
    return {
      save,
      startAt: readStoredPosition(user, entityId),
      setPlaying: (isPlaying: boolean) => {
        setPlaying(isPlaying)
        if (!isPlaying) save()
      },
      setPosition: ({ currentTime, duration }: MediaPosition) => {
        reported.current = currentTime
        last = { currentTime, duration }
        if (Date.now() - savedAt >= saveIntervalMs) save()
      },
    }
  })
  useEffect(
    () => () => {
      save()
      // The next session must not send this position before its own player reports one.
      reported.current = Number.NaN
    },
    [save, reported],
  )
  return render({ ...props, ...remembered })
}
