import { type Period, secondsPerDay } from './grant.ts'
import type { Status } from './project.ts'

/** The types of e-mail messages to a site's users. The site's endpoints do not get these messages. */
export const emailTypes = [
  'email.purchase_completed',
  'email.withdrawn',
  'email.refunded',
  'email.access_ending',
  'email.event_starting',
  'email.event_moved',
  'email.event_canceled',
] as const

export type EmailType = (typeof emailTypes)[number]

/**
 * Whether the buyer gets a confirmation of a status change. This is the case when a purchase is paid for the first time. A failed refund or
 * a won dispute only restores a purchase that was already confirmed.
 */
export const isConfirmed = (from: Status, to: Status): boolean =>
  to === 'Completed' && (from === 'Pending' || from === 'Expired' || from === 'Failed')

const hourMs = 3_600_000
const dayMs = secondsPerDay * 1_000

/** Returns how long before the end of access the notice is sent: a quarter of the access length, but at most one day. */
const endingNoticeMs = ({ startsAt, expiresAt }: { startsAt: Date; expiresAt: Date }): number =>
  Math.min(dayMs, (expiresAt.getTime() - startsAt.getTime()) / 4)

/**
 * Returns when a user is notified that access will end, or null if it never ends. For a started rental, the length is measured from the
 * first playback.
 */
export const endingNoticeAt = ({ startsAt, expiresAt }: Period, firstPlayedAt: Date | null): Date | null => {
  if (expiresAt === null) return null
  const from = firstPlayedAt !== null && firstPlayedAt > startsAt ? firstPlayedAt : startsAt
  return new Date(expiresAt.getTime() - endingNoticeMs({ startsAt: from, expiresAt }))
}

/** Returns when a user is notified that a live event will start, which is one hour before the start. */
export const startingNoticeAt = (startsAt: Date): Date => new Date(startsAt.getTime() - hourMs)

/**
 * The time after the start of a live event during which the notice about the start may still be sent. After that, the notice is useless.
 */
export const startingNoticeLateMs = 15 * 60_000
