import { expect, test } from 'vitest'
import { type GrantedPeriod, grantToContinue, lastActiveAt, placeLostCause, playedPart, unplayedSeconds } from '../src/index.ts'

test.each([
  [null, false, 'limit'],
  ['no_access', false, 'limit'],
  ['replaced', false, 'limit'],
  ['taken_over', false, 'taken_over'],
  [null, true, 'replaced'],
  ['replaced', true, 'replaced'],
  ['taken_over', true, 'replaced'],
])(
  'with the end reason %s, and with another session on the same device: %s, the cause is %s',
  (endReason, hasSameDevice, cause) => {
    expect(placeLostCause({ endReason, hasSameDevice })).toBe(cause)
  },
)

const seconds = (count: number) => new Date(Date.UTC(2026, 10, 30, 12, 0, count))

test('a session that ended without progress counts as not played only if it was short', () => {
  const part = (length: number, maxPositionSeconds: number) =>
    playedPart({ startedAt: seconds(0), endedAt: seconds(length), maxPositionSeconds })
  expect(part(unplayedSeconds - 1, 0)).toBe('nothing')
  expect(part(unplayedSeconds, 0)).toBe('unknown')
  expect(part(1, 1)).toBe('up_to_position')
})

test('a session is active until its end, or until its last heartbeat if the end is unknown', () => {
  expect(lastActiveAt({ lastSeenAt: seconds(10), endedAt: seconds(15) })).toEqual(seconds(15))
  expect(lastActiveAt({ lastSeenAt: seconds(10), endedAt: seconds(100) })).toEqual(seconds(10))
  expect(lastActiveAt({ lastSeenAt: seconds(10), endedAt: null })).toEqual(seconds(10))
})

test('a running playback uses a played grant or else a grant that is not a rental', () => {
  const [earlier, at, later] = [new Date(0), new Date(1_000), new Date(2_000)]
  const grant = (grantId: string, firstPlayedAt: Date | null, watchWithinHours: number | null): GrantedPeriod => ({
    ...{ grantId, source: 'purchase', purchaseId: grantId, watchWithinHours, firstPlayedAt },
    ...{ startsAt: earlier, expiresAt: later },
  })
  const [rental, startedRental] = [grant('rental', null, 48), grant('started rental', earlier, 48)]
  const [played, unplayed] = [grant('played', earlier, null), grant('unplayed', null, null)]
  const continued = (...periods: GrantedPeriod[]) => grantToContinue(periods, at)?.grantId ?? null
  expect(continued(rental)).toBeNull()
  expect(continued(rental, unplayed)).toBe('unplayed')
  expect(continued(rental, unplayed, startedRental)).toBe('started rental')
  expect(continued(startedRental, unplayed, played)).toBe('played')
})
