import type { Outputs } from '@pay-to-view/client'
import { SYSTEM_ACTOR } from '@pay-to-view/purchase'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { formatCount, formatTimestamp } from '../../format.ts'
import { purchasePath } from '../../paths.ts'
import { entityAdminPath } from '../admin-paths.ts'

/** A grant from any source: a purchase, complimentary access or an import. */
export type Grant = Outputs['admin']['grants']['list']['items'][number]

const sourceNames = { purchase: 'bought', complimentary: 'free', import: 'imported' } as const satisfies Record<
  Grant['source'],
  string
>

type GrantStatus = 'active' | 'starts later' | 'ended' | 'revoked'

export const grantStatus = ({ revokedAt, startsAt, expiresAt }: Grant, now = Date.now()): GrantStatus => {
  if (revokedAt !== null) return 'revoked'
  if (expiresAt !== null && Date.parse(expiresAt) <= now) return 'ended'
  return Date.parse(startsAt) > now ? 'starts later' : 'active'
}

/** Permanent access from a purchase cannot be extended, and neither can a revoked grant. */
export const isExtendable = ({ source, expiresAt, revokedAt }: Grant): boolean =>
  revokedAt === null && (source !== 'purchase' || expiresAt !== null)

type GrantTimes = Pick<Grant, 'startsAt' | 'expiresAt' | 'firstPlayedAt' | 'watchWithinHours'>

/** Describes when access starts and ends. The end of a rental is unknown until its first playback. */
export const periodText = ({ startsAt, expiresAt, firstPlayedAt, watchWithinHours }: GrantTimes): string => {
  const start = formatTimestamp(startsAt)
  if (expiresAt === null) return `${start} – permanent`
  const end = formatTimestamp(expiresAt)
  if (watchWithinHours === null) return `${start} – ${end}`
  const hours = `rental of ${formatCount(watchWithinHours, 'hour')}`
  return firstPlayedAt === null ? `From ${start}, start by ${end} · ${hours}` : `${start} – ${end} · ${hours}`
}

interface GrantRowProps {
  grant: Grant
  /** Null until the title is loaded, or if the whole page is about one entity. */
  entityTitle: string | null
  /** Whether to show a link to the purchase. */
  hasPurchaseLink?: boolean
  children?: ReactNode
}

/** A grant, with its entity, its times, and who gave or revoked it. */
export const GrantRow = ({ grant, entityTitle, hasPurchaseLink = true, children }: GrantRowProps) => {
  const { entityId, source, purchaseId, firstPlayedAt, extendedUntil } = grant
  const status = grantStatus(grant)
  return (
    <li>
      <div>
        <Link href={entityAdminPath(entityId)}>
          <bdi>{entityTitle ?? entityId}</bdi>
        </Link>{' '}
        <span className={`badge ${status === 'active' ? 'good' : ''}`}>{status}</span>{' '}
        <span className="badge">{sourceNames[source]}</span>
        <small>{periodText(grant)}</small>
        {firstPlayedAt !== null && <small>First playback session {formatTimestamp(firstPlayedAt)}</small>}
        {extendedUntil !== null && <small>Extended until {formatTimestamp(extendedUntil)}</small>}
        <GrantOrigin grant={grant} />
        {hasPurchaseLink && purchaseId !== null && (
          <small>
            <Link href={purchasePath(purchaseId)}>{purchaseId}</Link>
          </small>
        )}
      </div>
      <div className="row">{children}</div>
    </li>
  )
}

const GrantOrigin = ({ grant: { reason, grantedBy, reference, revokedAt, revokedBy, revokedReason } }: { grant: Grant }) => (
  <>
    {grantedBy !== null && (
      <small dir="auto">
        By {grantedBy}
        {reason !== null && `: ${reason}`}
      </small>
    )}
    {reference !== null && <small dir="auto">Reference {reference}</small>}
    {revokedAt !== null && (
      <small dir="auto">
        Revoked {formatTimestamp(revokedAt)}
        {revokedBy !== null && revokedBy !== SYSTEM_ACTOR && ` by ${revokedBy}`}
        {revokedReason !== null && `: ${revokedReason}`}
      </small>
    )}
  </>
)
