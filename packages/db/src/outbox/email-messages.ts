import {
  type EmailType,
  endingNoticeAt,
  type GrantSource,
  isConfirmed,
  isPseudonym,
  type Period,
  type Status,
  startingNoticeAt,
} from '@pay-to-view/purchase'
import { z } from 'zod'
import type { NewMessage } from './record-messages.ts'

/** The stored data of an e-mail: only ids and times. The content is read when the e-mail is sent. */
export const emailMessageData = z.object({
  userId: z.string(),
  purchaseId: z.string(),
  /** The time that the e-mail is about. */
  at: z.coerce.date().optional(),
  refund: z.object({ id: z.string().nullable(), amount: z.number() }).optional(),
  /** The live event that the e-mail is about, if the user bought a container of the event. */
  memberId: z.string().optional(),
})
export type EmailMessageData = z.infer<typeof emailMessageData>

interface EmailOptions {
  /** Distinguishes this e-mail from others of its type, so that it is sent only once. */
  key: string
  at?: Date
  dueAt?: Date
  refund?: { id: string | null; amount: number }
  memberId?: string
}

type Buyer = { userId: string; purchaseId: string }

/** Builds the outbox message for an e-mail. An erased user gets none. */
const email = (
  type: EmailType,
  { userId, purchaseId }: Buyer,
  { key, at, dueAt, refund, memberId }: EmailOptions,
): NewMessage[] =>
  isPseudonym(userId)
    ? []
    : [
        {
          ...{ type, userId, purchaseId, dedupeKey: `${type}:${key}` },
          data: {
            userId,
            purchaseId,
            ...(at && { at: at.toISOString() }),
            ...(refund && { refund }),
            ...(memberId !== undefined && { memberId }),
          },
          ...(dueAt && { dueAt }),
        },
      ]

export const confirmationEmail = (from: Status, to: Status, buyer: Buyer): NewMessage[] =>
  isConfirmed(from, to) ? email('email.purchase_completed', buyer, { key: buyer.purchaseId }) : []

/** The e-mail about a refund. Its `id` is null for a free order that was taken back. */
export const refundEmail = (buyer: Buyer, refund: { id: string | null; amount: number }): NewMessage[] =>
  email('email.refunded', buyer, { key: refund.id ?? buyer.purchaseId, refund })

/** A grant whose user gets notices before it expires and before a live event starts. */
export interface NoticedGrant extends Period {
  id: string
  userId: string
  source: GrantSource
  purchaseId: string | null
  preSold: boolean
  firstPlayedAt: Date | null
}

/**
 * The notices about future times of a purchase's grant. They wait in the outbox until they are due, and are sent only if the grant's time
 * is still the same. If the time changes, a new e-mail is recorded.
 */
export const noticeEmails = (grant: NoticedGrant, now: Date): NewMessage[] => {
  const { id, userId, source, purchaseId, preSold, startsAt, expiresAt, firstPlayedAt } = grant
  if (source !== 'purchase' || purchaseId === null) return []
  const notice = (type: EmailType, at: Date | null, dueAt: Date | null): NewMessage[] =>
    at === null || dueAt === null || dueAt <= now
      ? []
      : email(type, { userId, purchaseId }, { key: `${id}:${at.getTime()}`, at, dueAt })
  return [
    ...notice('email.access_ending', expiresAt, endingNoticeAt({ startsAt, expiresAt }, firstPlayedAt)),
    ...(preSold ? notice('email.event_starting', startsAt, startingNoticeAt(startsAt)) : []),
  ]
}

/**
 * The e-mail about a new date of a live event, which a job records. If the event moves back to an earlier announced date, this is announced
 * again.
 */
export const movedEmail = (
  { id, userId, purchaseId }: Pick<NoticedGrant, 'id' | 'userId' | 'purchaseId'>,
  { jobId, availableFrom }: { jobId: string; availableFrom: Date | null },
): NewMessage[] =>
  purchaseId === null || availableFrom === null
    ? []
    : email('email.event_moved', { userId, purchaseId }, { key: `${jobId}:${id}`, at: availableFrom })

/** The e-mail about a canceled event. `amount` will be refunded, or may already have been refunded when the e-mail is sent. */
export const canceledEmail = (buyer: Buyer, amount: number): NewMessage[] =>
  email('email.event_canceled', buyer, { key: buyer.purchaseId, refund: { id: null, amount } })

/** The e-mail to buyers of a canceled event's container. They keep the rest of the container, so they get no automatic refund. */
export const memberCanceledEmail = (buyer: Buyer, memberId: string): NewMessage[] =>
  email('email.event_canceled', buyer, { key: `${buyer.purchaseId}:${memberId}`, memberId })
