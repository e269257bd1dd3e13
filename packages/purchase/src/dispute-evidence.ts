import { playedPart } from './playback.ts'
import { countOf, truncate } from './text.ts'

/** The fields of Stripe's `evidence` that pay-to-view fills in. All of them are text fields. */
export const evidenceFields = [
  'product_description',
  'access_activity_log',
  'customer_name',
  'customer_email_address',
  'billing_address',
  'customer_purchase_ip',
  'service_date',
  'refund_policy_disclosure',
  'refund_refusal_explanation',
  'uncategorized_text',
] as const

export type EvidenceField = (typeof evidenceFields)[number]
export type DisputeEvidence = Partial<Record<EvidenceField, string>>

/**
 * The maximum number of characters in each field, from Stripe's OpenAPI document. The sum is below Stripe's limit of 150,000 characters for
 * all fields together.
 */
export const maxEvidenceLengths: Record<EvidenceField, number> = {
  product_description: 20_000,
  access_activity_log: 20_000,
  customer_name: 5_000,
  customer_email_address: 5_000,
  billing_address: 5_000,
  customer_purchase_ip: 5_000,
  service_date: 5_000,
  refund_policy_disclosure: 20_000,
  refund_refusal_explanation: 20_000,
  uncategorized_text: 20_000,
}

/** The maximum number of plays to read. More plays do not fit in the activity log, whose lines have at least 50 characters. */
export const maxEvidencePlays = 400

/** One playback of the purchased entity or of one of its members. */
export interface EvidencePlay {
  title: string
  startedAt: Date
  /** The time at which the player stopped or lost its place; if neither is known, the time of its last heartbeat. */
  endedAt: Date
  maxPositionSeconds: number
  device: string | null
  address: string | null
}

/** The buyer's data in Stripe. */
export interface EvidenceCustomer {
  name: string | null
  email: string | null
  /** The address, on several lines. */
  address: string | null
}

/** The data from which a dispute's evidence is assembled. */
export interface EvidenceSource {
  purchaseId: string
  title: string
  productName: string
  accessDurationDays: number | null
  rental: { startWithinDays: number; watchWithinHours: number } | null
  createdAt: Date
  paidAt: Date | null
  /** The buyer's consent to immediate access, if CONSENT=eu. */
  consent: { at: Date; version: string } | null
  /** Null if the payment gave no access. A revocation is omitted, because the dispute itself causes one. */
  access: { startsAt: Date; expiresAt: Date | null; firstPlayedAt: Date | null } | null
  /** The plays, newest first. */
  plays: readonly EvidencePlay[]
  customer: EvidenceCustomer
  receiptUrl: string | null
  invoiceNumber: string | null
  /** The site's texts about its refund policy. */
  policy: { refundPolicy: string | null; refundRefusal: string | null }
}

const time = (at: Date): string => `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`

const clock = (seconds: number): string =>
  [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')

const termsOf = ({ accessDurationDays, rental }: EvidenceSource): string => {
  if (rental)
    return `rental, to be started within ${countOf(rental.startWithinDays, 'day')} and then available for ${countOf(rental.watchWithinHours, 'hour')}`
  return accessDurationDays === null ? 'permanent access' : `access for ${countOf(accessDurationDays, 'day')}`
}

const providedAt = ({ access, paidAt }: EvidenceSource): string => {
  if (access === null) return 'No access was granted'
  const isDelayed = paidAt !== null && access.startsAt.getTime() - paidAt.getTime() > 60_000
  return isDelayed
    ? `The access is provided online and starts at ${time(access.startsAt)}`
    : 'The access was provided online immediately after the payment'
}

const productDescription = (source: EvidenceSource): string =>
  `Digital video content, streamed online: "${source.title}" (product "${source.productName}"). Quantity: 1, ${termsOf(source)}. ${providedAt(source)}; nothing is shipped.`

/** Omits sessions that were opened but not played, for example because they were replaced immediately, unless there are no other plays. */
const realPlays = (plays: readonly EvidencePlay[]): readonly EvidencePlay[] => {
  const played = plays.filter((play) => playedPart(play) !== 'nothing')
  return played.length > 0 ? played : plays
}

const playLine = ({ title, startedAt, endedAt, maxPositionSeconds, device, address }: EvidencePlay): string =>
  [
    `${time(startedAt)} to ${time(endedAt)}`,
    title,
    // Some players, such as embedded players, do not report a position.
    ...(maxPositionSeconds === 0 ? [] : [`watched up to ${clock(maxPositionSeconds)}`]),
    ...(device === null ? [] : [device]),
    ...(address === null ? [] : [`network ${address}`]),
  ].join('; ')

const accessLines = ({ access }: EvidenceSource): string[] =>
  access === null
    ? ['No access was granted.']
    : [
        `Access granted: ${time(access.startsAt)}`,
        `Access ends: ${access.expiresAt === null ? 'never' : time(access.expiresAt)}`,
        ...(access.firstPlayedAt === null ? [] : [`First playback: ${time(access.firstPlayedAt)}`]),
      ]

const olderAreOmitted = 'Older entries are omitted.'

/** Returns the text of the access activity log, with as many of the newest plays as fit. */
const accessActivityLog = (source: EvidenceSource): string => {
  const lines = accessLines(source)
  if (source.plays.length === 0) return [...lines, 'No playback is recorded.'].join('\n')
  lines.push('Playback, newest first:')
  let room = maxEvidenceLengths.access_activity_log - lines.join('\n').length - olderAreOmitted.length - 1
  for (const play of realPlays(source.plays)) {
    const line = playLine(play)
    room -= line.length + 1
    if (room < 0) return [...lines, olderAreOmitted].join('\n')
    lines.push(line)
  }
  return lines.join('\n')
}

const datesAndDocuments = (source: EvidenceSource): string =>
  [
    `Purchase ${source.purchaseId}`,
    `Ordered: ${time(source.createdAt)}`,
    ...(source.consent === null
      ? []
      : [
          `Consent to immediate access and to the loss of the right of withdrawal: ${time(source.consent.at)}, text version ${source.consent.version}`,
        ]),
    ...(source.paidAt === null ? [] : [`Paid: ${time(source.paidAt)}`]),
    ...(source.access === null ? [] : [`Access granted: ${time(source.access.startsAt)}`]),
    ...(source.access?.firstPlayedAt ? [`First playback: ${time(source.access.firstPlayedAt)}`] : []),
    ...(source.invoiceNumber === null ? [] : [`Invoice: ${source.invoiceNumber}`]),
    ...(source.receiptUrl === null ? [] : [`Receipt: ${source.receiptUrl}`]),
  ].join('\n')

/**
 * Assembles the evidence of a dispute. Fields without content are omitted, and texts that are too long are shortened.
 * `customer_purchase_ip` is never set, because no complete IP address is stored.
 */
export const assembleEvidence = (source: EvidenceSource): DisputeEvidence => {
  const { customer, policy } = source
  const serviceStart = source.access?.startsAt ?? source.paidAt
  const fields: Partial<Record<EvidenceField, string | null>> = {
    product_description: productDescription(source),
    access_activity_log: accessActivityLog(source),
    customer_name: customer.name,
    customer_email_address: customer.email,
    billing_address: customer.address,
    service_date: serviceStart?.toISOString().slice(0, 10),
    refund_policy_disclosure: policy.refundPolicy,
    refund_refusal_explanation: policy.refundRefusal,
    uncategorized_text: datesAndDocuments(source),
  }
  const evidence: DisputeEvidence = {}
  for (const field of evidenceFields) {
    const value = fields[field]?.trim()
    if (value) evidence[field] = truncate(value, maxEvidenceLengths[field], 'utf16')
  }
  return evidence
}
