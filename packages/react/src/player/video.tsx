'use client'

import type { PlaybackSource } from '@pay-to-view/client'
import type { HlsConfig } from 'hls.js'
import { type ReactNode, type RefObject, useEffect, useRef } from 'react'
import type { MediaEngine, MediaEvents } from './engine.ts'
import { attachMedia } from './media-engine.ts'
import { readStoredPosition, saveIntervalMs, storePosition } from './stored-position.ts'

/** Captions in a separate file, for media that contains none. */
export interface CaptionTrack {
  src: string
  language: string
  label: string
  isDefault?: boolean
}

interface VideoProps extends MediaEvents {
  video: RefObject<HTMLVideoElement | null>
  url: string
  source: PlaybackSource
  user: string
  entityId: string
  title: string
  poster: string | undefined
  autoPlay: boolean
  tracks: readonly CaptionTrack[]
  hls: Partial<HlsConfig> | undefined
  onPlayingChange: (isPlaying: boolean) => void
}

/** A video element that loads the media and remembers the position. */
export const Video = ({
  video,
  url,
  source,
  user,
  entityId,
  title,
  poster,
  autoPlay,
  tracks,
  hls,
  ...events
}: VideoProps): ReactNode => {
  const engine = useRef<MediaEngine>(null)
  const latest = useRef({ url, source, hls, ...events })
  const savedAt = useRef(0)
  useEffect(() => {
    latest.current = { url, source, hls, ...events }
  })
  useEffect(() => {
    const element = video.current
    if (!element) return
    const attached = attachMedia(element, {
      ...{ url: latest.current.url, source: latest.current.source, hls: latest.current.hls ?? {} },
      startAt: readStoredPosition(user, entityId),
      onRejected: () => latest.current.onRejected(),
      onConnectionChange: (isConnected) => latest.current.onConnectionChange(isConnected),
      onFailure: (error) => latest.current.onFailure(error),
    })
    engine.current = attached
    return () => {
      engine.current = null
      storePosition(user, entityId, element)
      attached.destroy()
    }
    // A changed URL means the same media with a new token, so the engine is updated, not replaced.
  }, [video, user, entityId])
  useEffect(() => engine.current?.update(source), [source])

  const save = (element: HTMLVideoElement) => {
    savedAt.current = Date.now()
    storePosition(user, entityId, element)
  }
  return (
    // biome-ignore lint/a11y/useMediaCaption: HLS media has its captions in the stream.
    <video
      ref={video}
      controls
      playsInline
      autoPlay={autoPlay}
      poster={poster}
      aria-label={title}
      onPlay={() => events.onPlayingChange(true)}
      onPause={({ currentTarget }) => {
        events.onPlayingChange(false)
        save(currentTarget)
      }}
      onEnded={({ currentTarget }) => {
        events.onPlayingChange(false)
        save(currentTarget)
      }}
      onTimeUpdate={({ currentTarget }) => Date.now() - savedAt.current >= saveIntervalMs && save(currentTarget)}
    >
      {tracks.map(({ src, language, label, isDefault }) => (
        <track key={src} kind="captions" src={src} srcLang={language} label={label} default={isDefault} />
      ))}
    </video>
  )
}
