import type { PlaybackSource } from '@pay-to-view/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { attachNatively, type NativeVideo } from '../src/player/native-engine.ts'

/**
 * A video element without media. Like Chromium, it is paused after an error, and then sends the `pause` event. As in the HTML standard,
 * `autoplay` applies after each change of `src`.
 */
class FakeVideo extends EventTarget implements NativeVideo {
  error: { message: string } | null = null
  currentTime = 0
  paused = true
  autoplay = false
  canAutoplay = true
  readonly urls: string[] = []

  set src(url: string) {
    this.urls.push(url)
    this.error = null
    this.paused = true
    this.canAutoplay = true
    this.currentTime = 0
  }

  get src(): string {
    return this.urls.at(-1) ?? ''
  }

  async play() {
    this.canAutoplay = false
    if (!this.paused) return
    this.paused = false
    this.send('play')
  }

  load() {}
  removeAttribute() {}

  send(type: string) {
    this.dispatchEvent(new Event(type))
  }

  succeed() {
    this.send('loadedmetadata')
    if (this.autoplay && this.canAutoplay) void this.play()
    if (!this.paused) this.send('playing')
  }

  fail() {
    this.error = { message: 'MEDIA_ELEMENT_ERROR: Format error' }
    const wasPaused = this.paused
    this.paused = true
    this.send('error')
    if (!wasPaused) this.send('pause')
  }
}

const sourceOf = (token: string | null, url: string | null = null): PlaybackSource => ({
  ...{ provider: token === null ? 'cloudfront' : 'own', url, token },
  thumbnailUrl: null,
  expiresAt: '2026-11-30T12:00:00.000Z',
})

const film = 'https://media.test/film.mp4'

const attach = (source: PlaybackSource, { url = film, startAt = 0, autoplay = false } = {}) => {
  const video = new FakeVideo()
  video.autoplay = autoplay
  const [onRejected, onConnectionChange, onFailure] = [vi.fn(), vi.fn(), vi.fn()]
  const engine = attachNatively(video, { url, source, startAt, onRejected, onConnectionChange, onFailure })
  return { video, engine, onRejected, onConnectionChange, onFailure }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('after an error, the media is reloaded with the token that the session received before the error, and continues to play', async () => {
  const { video, engine, onRejected, onConnectionChange } = attach(sourceOf('first'))
  video.succeed()
  await video.play()
  video.send('playing')
  engine.update(sourceOf('second'))
  expect(video.urls).toEqual([`${film}?token=first`])
  video.currentTime = 600
  video.fail()
  expect(onConnectionChange).toHaveBeenLastCalledWith(false)
  await vi.advanceTimersByTimeAsync(0)
  expect(onRejected).toHaveBeenCalledOnce()
  engine.update(sourceOf('second'))
  expect(video.urls).toEqual([`${film}?token=first`, `${film}?token=second`])
  expect(video.paused).toBe(false)
  video.succeed()
  expect(video.currentTime).toBe(600)
  expect(onConnectionChange).toHaveBeenLastCalledWith(true)
})

test('a media server that is down for half a minute only interrupts playback, even if the token stays the same', async () => {
  const source = sourceOf(null, `${film}?Signature=1`)
  const { video, engine, onRejected, onFailure } = attach(source, { startAt: 42 })
  video.succeed()
  await video.play()
  video.send('playing')
  expect(video.currentTime).toBe(42)
  video.currentTime = 90
  video.fail()
  const startedAt = Date.now()
  while (Date.now() - startedAt < 15_000) {
    await vi.advanceTimersToNextTimerAsync()
    engine.update({ ...source })
    video.fail()
  }
  await vi.advanceTimersToNextTimerAsync()
  engine.update({ ...source })
  expect(video.paused).toBe(false)
  video.succeed()
  expect(video.currentTime).toBe(90)
  expect(onRejected).toHaveBeenCalledTimes(6)
  expect(onFailure).not.toHaveBeenCalled()
})

test('the player gives up after several attempts with growing delays, and says why', async () => {
  const { video, engine, onFailure } = attach(sourceOf('only'))
  const attemptsAt = [Date.now()]
  video.fail()
  for (let attempt = 0; attempt < 6; attempt += 1) {
    await vi.advanceTimersToNextTimerAsync()
    attemptsAt.push(Date.now())
    // Heartbeats during the delay cause no reload.
    engine.update(sourceOf('only'))
    engine.update(sourceOf('only'))
    expect(video.urls).toHaveLength(attempt + 2)
    video.fail()
    engine.update(sourceOf('only'))
  }
  expect(attemptsAt.map((at) => (at - (attemptsAt[0] ?? 0)) / 1_000)).toEqual([0, 0, 1, 3, 7, 15, 30])
  expect(onFailure.mock.calls).toEqual([
    [new Error('The media cannot be loaded after 7 attempts: MEDIA_ELEMENT_ERROR: Format error')],
  ])
  expect(vi.getTimerCount()).toBe(0)
})

test('errors that are far apart are not counted together, and a broken part of the media is', async () => {
  const { video, engine, onFailure } = attach(sourceOf('only'))
  video.succeed()
  await video.play()
  const failAfter = async (seconds: number) => {
    video.succeed()
    await vi.advanceTimersByTimeAsync(seconds * 1_000)
    video.fail()
    await vi.advanceTimersToNextTimerAsync()
    engine.update(sourceOf('only'))
  }
  for (let count = 0; count < 20; count += 1) await failAfter(60)
  expect(onFailure).not.toHaveBeenCalled()
  for (let count = 0; count < 6; count += 1) await failAfter(1)
  expect(onFailure).toHaveBeenCalledOnce()
})

test('while the page is offline, the session returns no token, and the attempts are not used up', async () => {
  const { video, engine, onRejected } = attach(sourceOf('only'))
  video.fail()
  await vi.advanceTimersByTimeAsync(600_000)
  expect(onRejected).toHaveBeenCalledOnce()
  expect(video.urls).toHaveLength(1)
  engine.update(sourceOf('only'))
  expect(video.urls).toHaveLength(2)
})

test.each([false, true])(
  'HLS in the native player is reloaded only if the token has changed, and stays paused if the viewer has paused it (autoplay: %s)',
  async (autoplay) => {
    const playlist = 'https://media.test/film.m3u8'
    const { video, engine } = attach(sourceOf('first'), { url: playlist, autoplay })
    video.succeed()
    await video.play()
    video.paused = true
    video.send('pause')
    video.currentTime = 30
    engine.update(sourceOf('first'))
    expect(video.urls).toHaveLength(1)
    engine.update(sourceOf('second'))
    expect(video.urls.at(-1)).toBe(`${playlist}?token=second`)
    video.succeed()
    expect(video).toMatchObject({ paused: true, currentTime: 30 })
  },
)

test('media with autoplay whose first load fails plays after the reload', async () => {
  const { video, engine } = attach(sourceOf('only'), { autoplay: true })
  expect(video.paused).toBe(true)
  video.fail()
  await vi.advanceTimersByTimeAsync(0)
  engine.update(sourceOf('only'))
  video.succeed()
  expect(video.paused).toBe(false)
})
