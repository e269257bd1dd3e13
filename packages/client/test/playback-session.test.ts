import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { PlaybackCalls } from '../src/playback/calls.ts'
import { inSeconds, noAccess, offline, problem, run, startSession } from './simulated-session.ts'

beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-11-30T12:00:00Z') }))
afterEach(() => void vi.useRealTimers())

test('every 30 seconds, a heartbeat keeps the place, sends the position and renews the token', async () => {
  const { session, calls, token } = startSession({ position: () => 12.7 })
  session.setPlaying(true)
  await run(0)
  expect([session.state.status, token()]).toEqual(['active', 'token-1'])
  session.setPlaying(true)
  expect(vi.getTimerCount()).toBe(1)
  await run(29)
  expect(calls.heartbeat).not.toHaveBeenCalled()
  await run(1)
  expect(calls.heartbeat).toHaveBeenCalledWith({ sessionId: 'play_1', positionSeconds: 12 })
  expect(token()).toBe('token-2')
  await run(300)
  expect(calls.heartbeat).toHaveBeenCalledTimes(11)
})

test('a token with a lifetime of seconds is renewed after two thirds of its lifetime', async () => {
  const { session, calls } = startSession()
  calls.heartbeat.mockImplementation(async () => ({ url: null, token: 'next', expiresAt: inSeconds(6) }))
  session.setPlaying(true)
  await run(30)
  expect(calls.heartbeat).toHaveBeenCalledTimes(1)
  await run(12)
  expect(calls.heartbeat).toHaveBeenCalledTimes(4)
})

test('if the clock is far ahead, heartbeats keep their interval', async () => {
  const { session, calls } = startSession()
  calls.heartbeat.mockImplementation(async () => ({ url: null, token: 'past', expiresAt: inSeconds(-3600) }))
  session.setPlaying(true)
  await run(95)
  expect(calls.heartbeat).toHaveBeenCalledTimes(3)
})

test('without a connection, the session continues and retries the heartbeat at growing intervals, and immediately when the page is online again', async () => {
  const { session, calls, page, token } = startSession()
  session.setPlaying(true)
  await run(29)
  calls.heartbeat.mockRejectedValue(offline())
  await run(1)
  expect(session.state).toMatchObject({ status: 'active', isOffline: true, source: { token: 'token-1' } })
  await run(1 + 2 + 4)
  expect(calls.heartbeat).toHaveBeenCalledTimes(4)
  calls.heartbeat.mockResolvedValue({ url: null, token: 'back', expiresAt: inSeconds(300) })
  page()?.onWake()
  await run(0)
  expect(session.state).toMatchObject({ status: 'active', isOffline: false })
  expect([token(), calls.heartbeat.mock.calls.length]).toEqual(['back', 5])
})

test('a call is retried if the server is overloaded, or if the server cannot be reached at the start', async () => {
  const start = vi.fn<PlaybackCalls['start']>().mockRejectedValueOnce(offline()).mockRejectedValueOnce(problem(503, 'overloaded'))
  const { session, calls } = startSession()
  session.end()
  const second = startSession({ calls: { ...calls, start } })
  await run(0)
  expect(second.session.state).toEqual({ status: 'starting', isOffline: true })
  await run(1)
  expect(start).toHaveBeenCalledTimes(2)
  await run(2)
  expect(start).toHaveBeenCalledTimes(3)
})

test('after sleep, an overdue heartbeat is sent within seconds', async () => {
  const { session, calls } = startSession()
  session.setPlaying(true)
  await run(10)
  vi.setSystemTime(Date.now() + 3_600_000)
  await run(5)
  expect(calls.heartbeat).toHaveBeenCalledTimes(1)
})

test('a player that stays paused gives up its place after two minutes, and requests a new place when it plays', async () => {
  const { session, calls } = startSession()
  session.setPlaying(true)
  await run(60)
  session.setPlaying(false)
  await run(3600)
  expect(calls.heartbeat.mock.calls.length).toBeLessThan(7)
  const before = calls.heartbeat.mock.calls.length
  calls.heartbeat.mockRejectedValueOnce(problem(409, 'too_many_streams', { sessions: [{ id: 'play_9' }] }))
  session.setPlaying(true)
  await run(0)
  expect(calls.heartbeat).toHaveBeenCalledTimes(before + 1)
  expect(session.state).toEqual({ status: 'stopped', stop: { reason: 'too_many_streams', sessions: [{ id: 'play_9' }] } })
})

test('if there are too many screens, the session lists them and takes over a place on request', async () => {
  const { calls, session } = startSession()
  session.end()
  calls.start.mockClear()
  calls.start.mockRejectedValueOnce(problem(409, 'too_many_streams', { sessions: [{ id: 'play_9', device: 'TV' }] }))
  const refused = startSession({ calls })
  await run(0)
  expect(refused.session.state).toMatchObject({ stop: { reason: 'too_many_streams', sessions: [{ device: 'TV' }] } })
  await run(600)
  expect(calls.start).toHaveBeenCalledTimes(1)
  refused.session.restart({ takeOver: true })
  await run(0)
  expect(calls.start).toHaveBeenLastCalledWith({ entityId: 'film', deviceId: 'laptop', takeOver: true })
  expect(refused.session.state.status).toBe('active')
})

test.each([
  ['Refunded', inSeconds(3600), 'refunded'],
  ['ChargedBack', null, 'disputed'],
  ['Disputed', null, 'disputed'],
  ['Completed', '2026-11-30T12:00:09.000Z', 'expired'],
  ['Completed', null, 'revoked'],
])('after access ends, a purchase that is %s and gave access until %s means %s', async (status, expiresAt, reason) => {
  const { session, calls, pushAccess } = startSession()
  session.setPlaying(true)
  await run(0)
  pushAccess({ hasAccess: true, expiresAt, purchaseId: 'ptv_1' })
  await run(9)
  calls.heartbeat.mockRejectedValue(noAccess())
  calls.purchaseStatus.mockResolvedValue(status)
  pushAccess({ hasAccess: false, expiresAt: null, purchaseId: null })
  await run(0)
  expect(session.state).toEqual({ status: 'stopped', stop: { reason } })
  expect(calls.purchaseStatus).toHaveBeenCalledWith('ptv_1')
})

test('after a rental ends, the next rental is not started automatically', async () => {
  const { session, calls, pushAccess } = startSession()
  session.setPlaying(true)
  await run(0)
  const expiresAt = inSeconds(3600)
  const startedAt = inSeconds(-60)
  pushAccess({ hasAccess: true, expiresAt, purchaseId: 'ptv_1', rental: { startedAt }, nextRental: { startsAt: inSeconds(9) } })
  pushAccess({ hasAccess: true, expiresAt, purchaseId: 'ptv_2', rental: { startedAt: null } })
  calls.heartbeat.mockRejectedValue(noAccess())
  session.renew()
  await run(0)
  expect(session.state).toEqual({ status: 'stopped', stop: { reason: 'expired' } })
  pushAccess({ hasAccess: false, expiresAt: null, purchaseId: null })
  pushAccess({ hasAccess: true, expiresAt, purchaseId: 'ptv_2', rental: { startedAt: null } })
  await run(600)
  expect(calls.start).toHaveBeenCalledTimes(1)
  session.restart()
  await run(0)
  expect(session.state.status).toBe('active')
})

test('a session that stopped because the user had no access continues with new access, but one that stopped because of too many screens does not', async () => {
  const { session, calls, pushAccess } = startSession()
  const ended = { hasAccess: false, expiresAt: null, purchaseId: null }
  await run(0)
  calls.heartbeat.mockRejectedValueOnce(noAccess())
  pushAccess(ended)
  await run(0)
  expect(session.state.status).toBe('stopped')
  pushAccess({ hasAccess: true, expiresAt: null, purchaseId: 'ptv_2' })
  await run(0)
  expect(session.state.status).toBe('active')
  calls.heartbeat.mockRejectedValueOnce(problem(409, 'too_many_streams', { sessions: [] }))
  pushAccess(ended)
  await run(0)
  pushAccess({ hasAccess: true, expiresAt: null, purchaseId: 'ptv_2' })
  await run(0)
  expect(session.state).toMatchObject({ status: 'stopped', stop: { reason: 'too_many_streams' } })
})

test.each([
  [noAccess(), { reason: 'no_access' }],
  [
    problem(403, 'not_started', { startsAt: '2026-12-01T00:00:00.000Z' }),
    { reason: 'not_started', startsAt: '2026-12-01T00:00:00.000Z' },
  ],
  [problem(401, 'unauthorized'), { reason: 'signed_out' }],
  [problem(404, 'entity_not_found'), { reason: 'failed' }],
  [problem(501, 'playback_not_configured'), { reason: 'failed' }],
])('a start that fails with %s is not retried', async (error, stop) => {
  const { calls, session } = startSession()
  session.end()
  const start = vi.fn<PlaybackCalls['start']>().mockRejectedValue(error)
  const refused = startSession({ calls: { ...calls, start } })
  await run(600)
  expect(refused.session.state).toMatchObject({ status: 'stopped', stop })
  expect(start).toHaveBeenCalledTimes(1)
})

test('a session that the server no longer knows is replaced by a new session', async () => {
  const { session, calls } = startSession()
  session.setPlaying(true)
  await run(29)
  calls.heartbeat.mockRejectedValueOnce(problem(404, 'playback_session_not_found'))
  await run(2)
  expect(calls.start).toHaveBeenCalledTimes(2)
  expect(session.state.status).toBe('active')
})

test('when a page is closed, its session ends immediately, and a new session starts if the back button restores the page', async () => {
  const { session, calls, page, token } = startSession({ position: () => 4.9 })
  await run(0)
  page()?.onHide()
  expect(calls.end).toHaveBeenCalledWith({ sessionId: 'play_1', positionSeconds: 4 })
  await run(600)
  expect(calls.heartbeat).not.toHaveBeenCalled()
  page()?.onShow()
  await run(0)
  expect(calls.start).toHaveBeenCalledTimes(2)
  expect([session.state.status, token()]).toEqual(['active', 'token-2'])
})

test('a session that is ended while starting gives up its place, and reports no further states', async () => {
  const { session, calls, states, page } = startSession()
  session.end()
  await run(60)
  expect(calls.end).toHaveBeenCalledWith({ sessionId: 'play_1', positionSeconds: undefined })
  expect(states).toEqual([{ status: 'ended' }])
  expect(page()).toBeNull()
  session.restart()
  session.renew()
  await run(60)
  expect(calls.start).toHaveBeenCalledTimes(1)
})

test('a session that ends sends its position, even if the media has just been removed, and the next session starts without a position', async () => {
  let seconds = 0
  const { session, calls } = startSession({ position: () => seconds })
  await run(1)
  seconds = 17.2
  session.setPlaying(false)
  seconds = Number.NaN
  session.restart()
  expect(calls.end).toHaveBeenLastCalledWith({ sessionId: 'play_1', positionSeconds: 17 })
  await run(1)
  session.end()
  expect(calls.end).toHaveBeenLastCalledWith({ sessionId: 'play_2', positionSeconds: undefined })
})

test.each([
  ['taken_over', 'taken_over'],
  ['replaced', 'replaced'],
  ['limit', 'too_many_streams'],
] as const)('a session that lost its place because of %s stops with the reason %s', async (cause, reason) => {
  const { session, calls } = startSession()
  session.setPlaying(true)
  await run(29)
  const sessions = [{ id: 'play_9' }]
  calls.heartbeat.mockRejectedValueOnce(problem(409, 'too_many_streams', { cause, sessions }))
  await run(1)
  expect(session.state).toEqual({ status: 'stopped', stop: { reason, sessions } })
  await run(600)
  expect(calls.start).toHaveBeenCalledTimes(1)
})

test('a new purchase whose first playback ends the right of withdrawal does not start to play automatically', async () => {
  const { session, calls, pushAccess } = startSession()
  await run(0)
  calls.heartbeat.mockRejectedValueOnce(noAccess())
  pushAccess({ hasAccess: false, expiresAt: null, purchaseId: null })
  await run(0)
  pushAccess({ hasAccess: true, expiresAt: null, purchaseId: 'ptv_2', playbackEndsWithdrawal: true })
  await run(60)
  expect([session.state.status, calls.start.mock.calls.length]).toEqual(['stopped', 1])
})

test.each([
  ['starts the viewing period of a rental', { rental: { startedAt: null } }],
  ['ends the right of withdrawal', { playbackEndsWithdrawal: true }],
])('no automatic restart %s, even if the server could not be reached at first', async (_effect, access) => {
  const { session, calls, page } = startSession()
  const stopped = { status: 'stopped', stop: { reason: 'click_required' } }
  await run(0)
  calls.checkAccess.mockResolvedValue({ hasAccess: true, expiresAt: null, purchaseId: 'ptv_2', ...access })
  calls.checkAccess.mockRejectedValueOnce(offline())
  page()?.onHide()
  page()?.onShow()
  await run(2)
  expect(session.state).toEqual(stopped)
  session.restart()
  await run(0)
  calls.heartbeat.mockRejectedValueOnce(problem(404, 'playback_session_not_found'))
  session.renew()
  await run(2)
  expect([session.state, calls.start.mock.calls.length]).toEqual([stopped, 2])
})

test('a token that the media server rejects is renewed immediately', async () => {
  const { session, calls, token } = startSession()
  await run(5)
  session.renew()
  session.renew()
  await run(0)
  expect([calls.heartbeat.mock.calls.length, token()]).toEqual([1, 'token-2'])
})
