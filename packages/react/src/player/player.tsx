'use client'

import type { PlaybackSource, PlaybackState, PlaybackStop } from '@pay-to-view/client'
import type { HlsConfig } from 'hls.js'
import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { accessPhase } from '../access-phase.ts'
import { usePayToView } from '../provider.tsx'
import { useAccess } from '../use-access.ts'
import { Embed, isEmbed } from './embed.tsx'
import { FocusWatch } from './focus-watch.tsx'
import { englishMessages, type PlayerMessages } from './messages.ts'
import { ProviderPlayer, type RenderProviderPlayer } from './provider-player.tsx'
import { StopNotice } from './stop-notice.tsx'
import { useMediaFailure } from './use-media-failure.ts'
import { usePlayback } from './use-playback.ts'
import { type CaptionTrack, Video } from './video.tsx'

export interface PlayerProps {
  entityId: string
  /** The entity's title: the text of the play button, and the player's label for screen readers. */
  title: string
  /**
   * Plays immediately, even if the first playback starts a rental's viewing period or ends the right of withdrawal. Browsers may
   * require an earlier click on the page.
   */
  autoPlay?: boolean
  /** The media URL, for an entity whose playback settings contain none. */
  url?: string
  /** Shown before the media plays, instead of the provider's thumbnail. */
  poster?: string
  tracks?: readonly CaptionTrack[]
  /** Custom players by provider, such as Mux's player element. */
  providers?: Partial<Record<PlaybackSource['provider'], RenderProviderPlayer>>
  messages?: Partial<PlayerMessages>
  /** Settings for hls.js. */
  hls?: Partial<HlsConfig>
  className?: string
  /** Called when playback stops for a reason other than the user's action. */
  onStop?: (stop: PlaybackStop) => void
}

/**
 * Plays an entity: renews the token during playback, survives sleep and lost connections, remembers the position on this
 * device, and shows why playback stopped. Waits for a click if the first playback starts a rental's viewing period or ends the
 * right of withdrawal.
 */
export const Player = (props: PlayerProps): ReactNode => {
  const { user } = usePayToView()
  return user === null ? null : <UserPlayer key={JSON.stringify([user, props.entityId])} user={user} {...props} />
}

/**
 * Whether playback waits for a click, because playback starts a rental's viewing period or ends the right of withdrawal
 * (CONSENT=eu). Null until known. Decided once, because both conditions change when playback starts.
 */
const useWaitsForClick = (entityId: string, autoPlay: boolean) => {
  const { data: access } = useAccess(entityId)
  const endsWithdrawal = access?.playbackEndsWithdrawal ?? false
  const isStartable = access !== undefined && (accessPhase(access).phase === 'startable' || endsWithdrawal)
  const [waitsForClick, setWaits] = useState<boolean | null>(autoPlay ? false : null)
  if (waitsForClick === null && access) setWaits(isStartable)
  return { waitsForClick, endsWithdrawal, isStartable }
}

const useStopListener = (stop: PlaybackStop | null, listener: PlayerProps['onStop']): void => {
  const latest = useRef(listener)
  useEffect(() => {
    latest.current = listener
  })
  useEffect(() => {
    if (stop) latest.current?.(stop)
  }, [stop])
}

const UserPlayer = ({ user, entityId, title, autoPlay = false, url, ...props }: PlayerProps & { user: string }): ReactNode => {
  const messages = { ...englishMessages, ...props.messages }
  const container = useRef<HTMLDivElement>(null)
  const video = useRef<HTMLVideoElement>(null)
  const hasFocus = useRef(false)
  const [isClicked, setClicked] = useState(false)
  const [isConnected, setConnected] = useState(true)
  const reportedPosition = useRef(Number.NaN)
  const [failure, setFailure] = useMediaFailure(entityId)
  const { waitsForClick, endsWithdrawal, isStartable } = useWaitsForClick(entityId, autoPlay)
  const { state, ...playback } = usePlayback(entityId, {
    // After a failure, the session ends, so it no longer takes a place.
    isEnabled: (waitsForClick === false || isClicked) && failure === null,
    position: () => video.current?.currentTime ?? reportedPosition.current,
  })
  const stop = state?.status === 'stopped' ? state.stop : null
  const source = state?.status === 'active' ? state.source : null
  const mediaUrl = source?.url ?? url
  if (source !== null && mediaUrl === undefined && failure === null) setFailure({ reason: 'no_media' })

  useStopListener(stop, props.onStop)
  useEffect(() => {
    // The clicked button no longer exists, so the focus moves to the video.
    if (source && hasFocus.current) video.current?.focus()
    if (source) hasFocus.current = false
  }, [source])

  const begin = (options?: { takeOver?: boolean }) => {
    hasFocus.current = true
    setFailure(null)
    setConnected(true)
    setClicked(true)
    if (isClicked || waitsForClick === false) playback.restart(options)
  }
  const note = endsWithdrawal ? messages.endsWithdrawal : null
  const renderMedia = () => {
    if (!source || mediaUrl === undefined) return null
    const shared = { source, title, autoPlay: autoPlay || isClicked }
    const provider = props.providers?.[source.provider]
    const { setPlaying, renew } = playback
    if (provider)
      return (
        <ProviderPlayer {...{ ...shared, user, entityId, setPlaying, renew }} render={provider} reported={reportedPosition} />
      )
    if (isEmbed(mediaUrl)) return <Embed url={mediaUrl} title={title} setPlaying={setPlaying} />
    return (
      <Video
        {...{ ...shared, video, user, entityId }}
        url={new URL(mediaUrl, document.baseURI).href}
        poster={props.poster ?? source.thumbnailUrl ?? undefined}
        tracks={props.tracks ?? []}
        hls={props.hls}
        onPlayingChange={setPlaying}
        onRejected={renew}
        onConnectionChange={setConnected}
        onFailure={(error) => setFailure({ reason: 'unplayable', error })}
      />
    )
  }
  const render = () => {
    if (waitsForClick && !isClicked)
      return <PlayButton text={messages.play(title)} poster={props.poster} note={note} onClick={() => begin()} />
    const shownStop = stop ?? failure
    if (shownStop)
      return (
        <StopNotice
          stop={shownStop}
          messages={messages}
          hadFocus={hasFocus}
          restart={begin}
          startNext={isStartable || stop?.reason === 'click_required' ? messages.play(title) : null}
          endsWithdrawal={endsWithdrawal}
        />
      )
    const media = renderMedia()
    return media && <FocusWatch {...{ container, hasFocus }}>{media}</FocusWatch>
  }
  return (
    <div
      ref={container}
      className={props.className ?? 'pay-to-view-player'}
      data-state={failure ? 'stopped' : (state?.status ?? 'waiting')}
    >
      {render()}
      {/* Always rendered, because screen readers announce only changes to existing text. */}
      <p role="status" className="pay-to-view-status">
        {statusText(state, isConnected, messages)}
      </p>
    </div>
  )
}

interface PlayButtonProps {
  text: string
  poster: string | undefined
  /** What the user should know before playback; null if there is nothing to say. */
  note: string | null
  onClick: () => void
}

const PlayButton = ({ text, poster, note, onClick }: PlayButtonProps): ReactNode => {
  const noteId = useId()
  return (
    <>
      <button type="button" className="pay-to-view-play" aria-describedby={note === null ? undefined : noteId} onClick={onClick}>
        {poster !== undefined && <img src={poster} alt="" />}
        {text}
      </button>
      {note !== null && <p id={noteId}>{note}</p>}
    </>
  )
}

const statusText = (state: PlaybackState | null, isConnected: boolean, messages: PlayerMessages): string => {
  if (state?.status === 'starting') return state.isOffline ? messages.reconnecting : messages.loading
  return state?.status === 'active' && !isConnected ? messages.reconnecting : ''
}
