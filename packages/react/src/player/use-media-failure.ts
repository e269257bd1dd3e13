'use client'

import { useEffect, useState } from 'react'

/** Why the media cannot be played although the user has access. */
export type MediaFailure = { reason: 'unplayable'; error: Error } | { reason: 'no_media' }

/** Stores why the media cannot be played, and writes the details to the console, because the viewer sees only a short text. */
export const useMediaFailure = (entityId: string) => {
  const failureState = useState<MediaFailure | null>(null)
  const [failure] = failureState
  useEffect(() => {
    if (failure?.reason === 'no_media')
      console.error(
        `The entity ${entityId} has no media URL. Set its \`playback\` settings (docs/playback.md), or pass the \`url\` prop to <Player>.`,
      )
    else if (failure) console.error(`The media of the entity ${entityId} cannot be played:`, failure.error)
  }, [failure, entityId])
  return failureState
}
