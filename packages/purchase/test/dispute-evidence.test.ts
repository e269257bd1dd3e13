import { expect, test } from 'vitest'
import { assembleEvidence, type EvidencePlay, type EvidenceSource, evidenceFields, maxEvidenceLengths } from '../src/index.ts'

const play = (minute: number, title = 'Nosferatu'): EvidencePlay => ({
  title,
  startedAt: new Date(Date.UTC(2026, 10, 29, 12, minute)),
  endedAt: new Date(Date.UTC(2026, 10, 29, 13, minute)),
  maxPositionSeconds: 3_725,
  device: 'Chrome on Windows',
  address: '192.0.2.0/24',
})

const source = (changes: Partial<EvidenceSource> = {}): EvidenceSource => ({
  purchaseId: 'ptv_1',
  title: 'Nosferatu',
  productName: '30 days',
  accessDurationDays: 30,
  rental: null,
  createdAt: new Date('2026-11-29T11:58:00Z'),
  paidAt: new Date('2026-11-29T11:59:00Z'),
  consent: { at: new Date('2026-11-29T11:58:00Z'), version: '1' },
  access: {
    startsAt: new Date('2026-11-29T11:59:00Z'),
    expiresAt: new Date('2026-12-29T11:59:00Z'),
    firstPlayedAt: new Date('2026-11-29T12:00:00Z'),
  },
  plays: [play(30), play(0)],
  customer: { name: 'Ada', email: 'ada@example.com', address: '1 High Street\nLondon' },
  receiptUrl: 'https://pay.stripe.com/receipts/1',
  invoiceNumber: 'A-1',
  policy: { refundPolicy: 'No refunds after the start.', refundRefusal: null },
  ...changes,
})

test('the evidence describes the product, the access, each playback, the buyer and the dates', () => {
  const evidence = assembleEvidence(source())
  expect(evidence).toMatchObject({
    customer_name: 'Ada',
    customer_email_address: 'ada@example.com',
    billing_address: '1 High Street\nLondon',
    service_date: '2026-11-29',
    refund_policy_disclosure: 'No refunds after the start.',
  })
  expect(evidence.product_description).toContain('"Nosferatu" (product "30 days"). Quantity: 1, access for 30 days.')
  expect(evidence.access_activity_log?.split('\n')).toEqual([
    'Access granted: 2026-11-29 11:59:00 UTC',
    'Access ends: 2026-12-29 11:59:00 UTC',
    'First playback: 2026-11-29 12:00:00 UTC',
    'Playback, newest first:',
    '2026-11-29 12:30:00 UTC to 2026-11-29 13:30:00 UTC; Nosferatu; watched up to 01:02:05; Chrome on Windows; network 192.0.2.0/24',
    '2026-11-29 12:00:00 UTC to 2026-11-29 13:00:00 UTC; Nosferatu; watched up to 01:02:05; Chrome on Windows; network 192.0.2.0/24',
  ])
  expect(evidence.uncategorized_text).toContain('Paid: 2026-11-29 11:59:00 UTC')
  expect(evidence.uncategorized_text).toContain('right of withdrawal: 2026-11-29 11:58:00 UTC, text version 1')
  expect(evidence.uncategorized_text).toContain('Receipt: https://pay.stripe.com/receipts/1')
})

test('the product description says when the access was provided', () => {
  const description = (access: EvidenceSource['access']) => assembleEvidence(source({ access })).product_description
  const startingAt = (at: string) => ({ startsAt: new Date(at), expiresAt: null, firstPlayedAt: null })
  expect(description(startingAt('2026-11-29T11:59:00Z'))).toContain('provided online immediately after the payment; nothing')
  expect(description(startingAt('2026-12-01T20:00:00Z'))).toContain(
    'The access is provided online and starts at 2026-12-01 20:00:00 UTC; nothing',
  )
  expect(description(null)).toContain('No access was granted; nothing is shipped.')
})

test('a session that ended immediately without progress is listed only if there are no other plays; an unknown position is omitted', () => {
  const opened = (minute: number): EvidencePlay => ({
    ...play(minute, 'Opened'),
    endedAt: new Date(Date.UTC(2026, 10, 29, 12, minute, 5)),
    maxPositionSeconds: 0,
  })
  const linesOf = (...plays: EvidencePlay[]) => assembleEvidence(source({ plays })).access_activity_log?.split('\n').slice(4)
  const embedded = { ...play(20, 'Embedded'), maxPositionSeconds: 0 }
  const short = { ...opened(10), title: 'Short', maxPositionSeconds: 4 }
  expect(linesOf(opened(30), embedded, short)).toEqual([
    '2026-11-29 12:20:00 UTC to 2026-11-29 13:20:00 UTC; Embedded; Chrome on Windows; network 192.0.2.0/24',
    '2026-11-29 12:10:00 UTC to 2026-11-29 12:10:05 UTC; Short; watched up to 00:00:04; Chrome on Windows; network 192.0.2.0/24',
  ])
  expect(linesOf(opened(30))).toEqual([
    '2026-11-29 12:30:00 UTC to 2026-11-29 12:30:05 UTC; Opened; Chrome on Windows; network 192.0.2.0/24',
  ])
})

test('unknown data is omitted', () => {
  const nobody = { name: null, email: null, address: ' ' }
  const evidence = assembleEvidence(
    source({ customer: nobody, policy: { refundPolicy: null, refundRefusal: '' }, paidAt: null, access: null, plays: [] }),
  )
  expect(Object.keys(evidence)).toEqual(['product_description', 'access_activity_log', 'uncategorized_text'])
  expect(evidence.access_activity_log).toBe('No access was granted.\nNo playback is recorded.')
})

test('permanent access and rentals are described', () => {
  expect(assembleEvidence(source({ accessDurationDays: null })).product_description).toContain('1, permanent access.')
  const rental = { startWithinDays: 30, watchWithinHours: 48 }
  expect(assembleEvidence(source({ rental })).product_description).toContain(
    'started within 30 days and then available for 48 hours',
  )
})

test('only the newest plays that fit are listed, and a note says so', () => {
  const plays = Array.from({ length: 1_000 }, (_, index) => play(-index, '🎬'.repeat(10)))
  const lines = assembleEvidence(source({ plays })).access_activity_log?.split('\n') ?? []
  expect(lines.join('\n').length).toBeLessThanOrEqual(maxEvidenceLengths.access_activity_log)
  expect(lines.join('\n').length).toBeGreaterThan(maxEvidenceLengths.access_activity_log - 200)
  expect(lines[4]).toMatch(/^2026-11-29 12:00:00 UTC/)
  expect(lines.at(-1)).toBe('Older entries are omitted.')
})

test('a text that is too long is shortened between characters, even outside the basic multilingual plane', () => {
  const refundPolicy = `x${'🎬'.repeat(10_001)}`
  const evidence = assembleEvidence(source({ policy: { refundPolicy, refundRefusal: null } }))
  const text = evidence.refund_policy_disclosure ?? ''
  expect(text.length).toBeLessThanOrEqual(maxEvidenceLengths.refund_policy_disclosure)
  expect(text).toMatch(/^x🎬+…$/u)
  const long = 'x'.repeat(30_000)
  const all = assembleEvidence(
    source({
      customer: { name: long, email: long, address: long },
      title: long,
      policy: { refundPolicy: long, refundRefusal: long },
    }),
  )
  for (const field of evidenceFields) expect(all[field]?.length ?? 0).toBeLessThanOrEqual(maxEvidenceLengths[field])
  expect(all.customer_name).toHaveLength(5_000)
  expect(Object.values(maxEvidenceLengths).reduce((sum, length) => sum + length)).toBeLessThanOrEqual(150_000)
})
