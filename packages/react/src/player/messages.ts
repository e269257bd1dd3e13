import type { PlaybackStop } from '@pay-to-view/client'

/** The texts of the player. */
export interface PlayerMessages {
  loading: string
  reconnecting: string
  play: (title: string) => string
  /** Shown next to the button if the next playback ends the right of withdrawal. */
  endsWithdrawal: string
  tryAgain: string
  watchHere: string
  unknownDevice: string
  /** The text for a screen in the list of other screens. `since` is when its playback started. */
  screen: (device: string, since: Date) => string
  /** Marks the listed screen that stops if the user chooses to watch here. */
  stopsInstead: string
  stopped: Record<PlaybackStop['reason'] | 'unplayable' | 'no_media', { title: string; detail: string }>
  startsAt: (time: Date) => string
}

const formatTime = (time: Date): string => time.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })

export const englishMessages: PlayerMessages = {
  loading: 'Loading video…',
  reconnecting: 'Connection lost. Reconnecting…',
  play: (title) => `Play ${title}`,
  endsWithdrawal: 'Your right of withdrawal ends when you start watching.',
  tryAgain: 'Try again',
  watchHere: 'Watch here instead',
  unknownDevice: 'Another device',
  screen: (device, since) => `${device}, since ${formatTime(since)}`,
  stopsInstead: 'stops if you watch here',
  startsAt: (time) => `It starts on ${formatTime(time)}, and opens here automatically.`,
  stopped: {
    refunded: { title: 'Playback stopped', detail: 'Your purchase was refunded, so your access has ended.' },
    disputed: { title: 'Playback stopped', detail: 'The payment is disputed, so your access is on hold.' },
    expired: { title: 'Your access has ended', detail: 'Your time to watch this has ended.' },
    revoked: { title: 'Playback stopped', detail: 'Your access has ended.' },
    no_access: { title: "You don't have access", detail: 'Buy it to watch it here.' },
    not_started: { title: "It hasn't started yet", detail: 'It opens here automatically when it starts.' },
    too_many_streams: {
      title: 'Too many screens',
      detail:
        'You are already watching on the maximum number of screens. If you watch here instead, playback stops on the screen that is marked in this list.',
    },
    taken_over: {
      title: 'Another screen took over',
      detail:
        'You started watching on another screen, which took the place of this one. If you watch here instead, playback stops on the screen that is marked in this list.',
    },
    replaced: {
      title: 'Playing in another tab',
      detail: 'You started watching in another tab or window of this browser. If you watch here instead, playback stops there.',
    },
    click_required: { title: 'Playback stopped', detail: 'Press play to continue.' },
    signed_out: { title: "You're signed out", detail: 'Sign in again to continue watching.' },
    failed: { title: "This video can't be played right now", detail: 'The problem is on our side. Try again in a moment.' },
    unplayable: { title: "This video can't be played", detail: 'Check your connection and try again, or use another browser.' },
    no_media: { title: "This video isn't available", detail: 'The problem is on our side. Try again later.' },
  },
}
