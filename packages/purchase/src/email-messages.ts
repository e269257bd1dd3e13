import { type Period, secondsPerDay } from './grant.ts'
import type { Status } from './project.ts'

/** The types of e-mails that a site's users get. The site's endpoints do not receive them. */
export const emailTypes = [
  'email.purchase_completed',
  'email.refunded',
  'email.access_ending',
  'email.event_starting',
  'email.event_moved',
  'email.event_canceled',
] as const

export type EmailType = (typeof emailTypes)[number]

/**
 * Whether a change of status is confirmed to the buyer: the first time that a purchase is paid. A refund that fails, or a dispute that is won, restores a
 * purchase that was confirmed before.
 */
export const isConfirmed = (from: Status, to: Status): boolean =>
  to === 'Completed' && (from === 'Pending' || from === 'Expired' || from === 'Failed')

const hourMs = 3_600_000
const dayMs = secondsPerDay * 1_000

/** A quarter of the time that the access lasts before its end, but at most a day. */
const endingNoticeMs = ({ startsAt, expiresAt }: { startsAt: Date; expiresAt: Date }): number =>
  Math.min(dayMs, (expiresAt.getTime() - startsAt.getTime()) / 4)

/** When a user is notified that access will end; null if it never does. The time of a rental that was started counts from its first playback. */
export const endingNoticeAt = ({ startsAt, expiresAt }: Period, firstPlayedAt: Date | null): Date | null => {
  if (expiresAt === null) return null
  const from = firstPlayedAt !== null && firstPlayedAt > startsAt ? firstPlayedAt : startsAt
  return new Date(expiresAt.getTime() - endingNoticeMs({ startsAt: from, expiresAt }))
}

/** When a user is notified that a live event will start: an hour before. */
export const startingNoticeAt = (startsAt: Date): Date => new Date(startsAt.getTime() - hourMs)

/** How long after its start an e-mail about a live event is still sent: one that arrives later is useless. */
export const startingNoticeLateMs = 15 * 60_000
