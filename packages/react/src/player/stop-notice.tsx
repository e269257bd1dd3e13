'use client'

import type { PlaybackStop } from '@pay-to-view/client'
import { type ReactNode, type RefObject, useEffect, useId, useRef } from 'react'
import type { PlayerMessages } from './messages.ts'

export interface StopNoticeProps {
  /** `unplayable`: the media server or the browser rejects the media. */
  stop: PlaybackStop | { reason: 'unplayable' }
  messages: PlayerMessages
  /** Whether the video had the keyboard focus when it was removed. If so, the focus moves here. */
  hadFocus: RefObject<boolean>
  restart: (options?: { takeOver?: boolean }) => void
  /** The label of the button that starts the user's next rental; null if there is none. */
  startNext: string | null
}

/** For these reasons, the user has to try again. For all other reasons, playback resumes when the user has access again. */
const canTryAgain = (reason: StopNoticeProps['stop']['reason']): boolean =>
  reason === 'failed' || reason === 'unplayable' || reason === 'too_many_streams' || reason === 'signed_out'

/**
 * Says why the playback stopped, in place of the video. If there are too many screens, it lists the other screens and offers to watch here
 * instead.
 */
export const StopNotice = ({ stop, messages, hadFocus, restart, startNext }: StopNoticeProps): ReactNode => {
  const heading = useRef<HTMLHeadingElement>(null)
  const id = useId()
  useEffect(() => {
    if (hadFocus.current) heading.current?.focus()
  }, [hadFocus])
  const { title, detail } = messages.stopped[stop.reason]
  const startsAt = stop.reason === 'not_started' && stop.startsAt !== null ? messages.startsAt(new Date(stop.startsAt)) : null
  return (
    <section className="pay-to-view-stopped" data-reason={stop.reason} aria-labelledby={id}>
      {/* Contains only the texts, because a screen reader would also read the list and the buttons. */}
      <div role="alert">
        <h2 id={id} ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <p>{startsAt ?? detail}</p>
      </div>
      {stop.reason === 'too_many_streams' && (
        <ul>
          {stop.sessions.map((screen) => (
            <li key={screen.id}>{messages.screen(screen.device ?? messages.unknownDevice, new Date(screen.startedAt))}</li>
          ))}
        </ul>
      )}
      {startNext !== null && !canTryAgain(stop.reason) && (
        <p className="pay-to-view-actions">
          <button type="button" onClick={() => restart()}>
            {startNext}
          </button>
        </p>
      )}
      {canTryAgain(stop.reason) && (
        <p className="pay-to-view-actions">
          {stop.reason === 'too_many_streams' && (
            <button type="button" onClick={() => restart({ takeOver: true })}>
              {messages.watchHere}
            </button>
          )}
          <button type="button" onClick={() => restart()}>
            {messages.tryAgain}
          </button>
        </p>
      )}
    </section>
  )
}
