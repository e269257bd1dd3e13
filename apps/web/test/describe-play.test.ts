import { expect, test } from 'vitest'
import { describePlay } from '../src/admin/users/describe-play.ts'

test('the play log says that the position is unknown if a player reported none, and that nothing was played only after a short session', () => {
  const at = (seconds: number) => new Date(Date.UTC(2026, 10, 30, 12, 0, seconds)).toISOString()
  const opened = {
    ...{ sessionId: 'ps_1', entityId: 'film', entityTitle: 'Film', device: 'Chrome on Windows', address: '192.0.2.0/24' },
    ...{ startedAt: at(0), lastSeenAt: at(5), endedAt: null, endReason: null, maxPositionSeconds: 0 },
  }
  const description = 'Chrome on Windows · 192.0.2.0/24'
  expect(describePlay(opened)).toBe(`${description} · not played · open now`)
  expect(describePlay({ ...opened, lastSeenAt: at(300) })).toBe(`${description} · position unknown · open now`)
  const stopped = { ...opened, endReason: 'stopped' as const }
  expect(describePlay({ ...stopped, endedAt: at(8) })).toBe(`${description} · not played · stopped`)
  expect(describePlay({ ...stopped, endedAt: at(45) })).toBe(`${description} · position unknown · stopped`)
  // The lease of 90 seconds has expired after the last heartbeat.
  expect(describePlay({ ...opened, endReason: 'expired', endedAt: at(95) })).toMatch(/ · not played · ended because /)
  expect(describePlay({ ...opened, maxPositionSeconds: 754 })).toBe(`${description} · watched up to 13 min · playing now`)
})
