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

/** The stored data of an e-mail: ids, times and a refunded amount. Everything else is read when the e-mail is sent. */
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
  /** Identifies the e-mail among e-mails of the same type, so it is sent only once. */
  key: string
  at?: Date
  dueAt?: Date
  refund?: { id: string | null; amount: number }
  memberId?: string
}

type Buyer = { userId: string; purchaseId: string }

/** Builds the outbox message for an e-mail. Returns no message if the user was erased. */
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

/** Builds the e-mail about a refund. The refund's `id` is null for a free order that was taken back. */
export const refundEmail = (buyer: Buyer, refund: { id: string | null; amount: number }): NewMessage[] =>
  email('email.refunded', buyer, { key: refund.id ?? buyer.purchaseId, refund })

/** Builds the acknowledgment of a withdrawal. The refund of `amount` follows; the amount is 0 for a free order. */
export const withdrawalEmail = (buyer: Buyer, { at, amount }: { at: Date; amount: number }): NewMessage[] =>
  email('email.withdrawn', buyer, { key: buyer.purchaseId, at, refund: { id: null, amount } })

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
 * Builds the notices about the upcoming start and expiry of a purchase's grant. Notices stay in the outbox until they are due. A notice is
 * sent only if that start or expiry has not changed; a change records a new notice.
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
 * Builds the e-mail that a job records about a live event's new date. If the event moves back to a date that was announced before, this
 * date is announced again.
 */
export const movedEmail = (
  { id, userId, purchaseId }: Pick<NoticedGrant, 'id' | 'userId' | 'purchaseId'>,
  { jobId, availableFrom }: { jobId: string; availableFrom: Date | null },
): NewMessage[] =>
  purchaseId === null || availableFrom === null
    ? []
    : email('email.event_moved', { userId, purchaseId }, { key: `${jobId}:${id}`, at: availableFrom })

/** Builds the e-mail about a canceled event. The refund of `amount` may be complete or still pending when the e-mail is sent. */
export const canceledEmail = (buyer: Buyer, amount: number): NewMessage[] =>
  email('email.event_canceled', buyer, { key: buyer.purchaseId, refund: { id: null, amount } })

/**
 * Builds the e-mail to a buyer of a canceled event's container. The buyer keeps access to the other members, so there is no automatic
 * refund.
 */
export const memberCanceledEmail = (buyer: Buyer, memberId: string): NewMessage[] =>
  email('email.event_canceled', buyer, { key: `${buyer.purchaseId}:${memberId}`, memberId })
