'use client'

import type { ActiveScreen, PlaybackStop } from '@pay-to-view/client'
import { type ReactNode, type RefObject, useEffect, useId, useRef } from 'react'
import type { PlayerMessages } from './messages.ts'

export interface StopNoticeProps {
  /** `unplayable` means that the media server or the browser rejects the media, and `no_media` that there is no media URL. */
  stop: PlaybackStop | { reason: 'unplayable' | 'no_media' }
  messages: PlayerMessages
  /** Whether the video had the keyboard focus when it was removed. If so, the notice gets the focus. */
  hadFocus: RefObject<boolean>
  restart: (options?: { takeOver?: boolean }) => void
  /** The label of the button for playback that must not start automatically, such as the next rental's. Null if there is none. */
  startNext: string | null
  /** Whether this playback ends the right of withdrawal. */
  endsWithdrawal: boolean
}

/** Whether the user has to try again after a stop for this reason. For other reasons, playback resumes when the user has access again. */
const canTryAgain = (reason: StopNoticeProps['stop']['reason']): boolean =>
  ['failed', 'unplayable', 'no_media', 'too_many_streams', 'taken_over', 'replaced', 'signed_out'].includes(reason)

/** Whether the session has ended without a stop. A new session would then also start a rental or end the right of withdrawal. */
const isMediaFailure = (reason: StopNoticeProps['stop']['reason']): boolean => ['unplayable', 'no_media'].includes(reason)

interface ScreensProps extends Pick<StopNoticeProps, 'messages'> {
  sessions: readonly ActiveScreen[]
}

/** The other screens. If the user chooses to watch here, the server stops the screen whose last heartbeat is oldest. */
const Screens = ({ sessions, messages }: ScreensProps): ReactNode => {
  const byLastSeen = [...sessions].sort((a, b) => a.lastSeenAt.localeCompare(b.lastSeenAt) || a.id.localeCompare(b.id))
  return (
    <ul>
      {sessions.map(({ id, device, startedAt }) => (
        <li key={id}>
          {messages.screen(device ?? messages.unknownDevice, new Date(startedAt))}
          {id === byLastSeen[0]?.id && <strong> ({messages.stopsInstead})</strong>}
        </li>
      ))}
    </ul>
  )
}

/**
 * Explains why playback stopped, in place of the video. If there are too many screens, lists the other screens and lets the
 * user watch here instead.
 */
export const StopNotice = ({ stop, messages, hadFocus, restart, startNext, endsWithdrawal }: StopNoticeProps): ReactNode => {
  const heading = useRef<HTMLHeadingElement>(null)
  const id = useId()
  const noteId = useId()
  useEffect(() => {
    if (hadFocus.current) heading.current?.focus()
  }, [hadFocus])
  const isRetry = canTryAgain(stop.reason) && (startNext === null || !isMediaFailure(stop.reason))
  const { title, detail } = messages.stopped[stop.reason]
  const startsAt = stop.reason === 'not_started' && stop.startsAt !== null ? messages.startsAt(new Date(stop.startsAt)) : null
  return (
    <section className="pay-to-view-stopped" data-reason={stop.reason} aria-labelledby={id}>
      {/* The alert contains only the texts, so screen readers do not also read the list and the buttons. */}
      <div role="alert">
        <h2 id={id} ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <p>{startsAt ?? detail}</p>
      </div>
      {(stop.reason === 'too_many_streams' || stop.reason === 'taken_over') && (
        <Screens sessions={stop.sessions} messages={messages} />
      )}
      {startNext !== null && !isRetry && (
        <>
          {endsWithdrawal && <p id={noteId}>{messages.endsWithdrawal}</p>}
          <p className="pay-to-view-actions">
            <button type="button" aria-describedby={endsWithdrawal ? noteId : undefined} onClick={() => restart()}>
              {startNext}
            </button>
          </p>
        </>
      )}
      {isRetry && (
        <p className="pay-to-view-actions">
          {'sessions' in stop && (
            // For `replaced`, the other session is in this browser, so no other device has to stop.
            <button type="button" onClick={() => restart({ takeOver: stop.reason !== 'replaced' })}>
              {messages.watchHere}
            </button>
          )}
          {stop.reason !== 'replaced' && (
            <button type="button" onClick={() => restart()}>
              {messages.tryAgain}
            </button>
          )}
        </p>
      )}
    </section>
  )
}
