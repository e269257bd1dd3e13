import type { Outputs } from '@pay-to-view/client'
import { lastActiveAt, playedPart } from '@pay-to-view/purchase'
import { formatDuration } from '../../format.ts'

type Play = Outputs['admin']['users']['plays']['items'][number]

const endings: Record<NonNullable<Play['endReason']>, string> = {
  stopped: 'stopped',
  expired: 'ended because the player stopped responding',
  replaced: 'replaced by a new start on the same device',
  taken_over: 'stopped to watch on another screen',
  no_access: 'stopped because the access ended',
}

const partOf = ({ startedAt, lastSeenAt, endedAt, maxPositionSeconds }: Play) =>
  playedPart({
    startedAt: new Date(startedAt),
    endedAt: lastActiveAt({ lastSeenAt: new Date(lastSeenAt), endedAt: endedAt === null ? null : new Date(endedAt) }),
    maxPositionSeconds,
  })

const describePart = (play: Play): string => {
  const part = partOf(play)
  switch (part) {
    case 'nothing':
      return 'not played'
    case 'unknown':
      return 'position unknown'
    case 'up_to_position':
      return `watched up to ${formatDuration(play.maxPositionSeconds)}`
    default:
      return part satisfies never
  }
}

/** Describes a play, for example `Chrome on Windows · 192.0.2.0/24 · watched up to 13 min · stopped`. */
export const describePlay = (play: Play): string =>
  [
    play.device ?? 'Unknown device',
    ...(play.address === null ? [] : [play.address]),
    describePart(play),
    // The player opens a playback session before the user presses play.
    play.endReason === null ? (play.maxPositionSeconds === 0 ? 'open now' : 'playing now') : endings[play.endReason],
  ].join(' · ')
