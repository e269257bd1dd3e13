export type { PlayerMessages } from './messages.ts'
export { Player, type PlayerProps, type ProviderPlayerProps } from './player.tsx'
export { type Playback, type PlaybackOptions, usePlayback } from './use-playback.ts'
export type { CaptionTrack } from './video.tsx'
