import { checkPage, waitUntilPlayable } from '@pay-to-view/testing/browser'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { useStorefront } from './storefront.ts'

const tokenSeconds = 10

const { stack, buyFilm, openAs } = useStorefront(useStack({ web: true, environment: { PLAYBACK_SECONDS: String(tokenSeconds) } }))

const watchPath = `/watch/${seedIds.film}`

const play = (page: Page) => page.evaluate('{ const video = document.querySelector("video"); video.muted = true; video.play() }')

const currentTime = (page: Page) => page.evaluate<number>('document.querySelector("video")?.currentTime ?? -1')

/** Records interruptions of playback after the media has begun to play. */
const recordStalls = (page: Page) =>
  page.evaluate(`{
    const video = document.querySelector('video')
    window.stalls = []
    video.addEventListener('playing', () => {
      for (const type of ['waiting', 'stalled', 'pause', 'emptied', 'error'])
        video.addEventListener(type, () => window.stalls.push(type + ' at ' + video.currentTime))
    }, { once: true })
  }`)

/** Records the tokens with which the page requests media, and the statuses of the responses. */
const recordMedia = (page: Page) => {
  const [tokens, statuses] = [new Set<string>(), new Set<number>()]
  page.on('request', (request) => {
    if (request.url().includes('/media/')) tokens.add(request.headers().authorization ?? '')
  })
  page.on('response', (response) => response.url().includes('/media/') && statuses.add(response.status()))
  return { tokens, statuses }
}

test('a film plays without interruption for longer than the lifetime of three tokens, and resumes at the same position after a reload', async () => {
  const { user, client } = await buyFilm()
  const { page, errors } = await openAs(user, '/purchases')
  const media = recordMedia(page)
  await page.goto(`${stack().stack.web}${watchPath}`)
  await waitUntilPlayable(page)
  const { token } = await client.access.playbackToken.mutate({ entityId: seedIds.film })
  const fetchMedia = async (file: string, headers = {}) =>
    (await fetch(`${stack().stack.web}/media/${seedIds.film}/${file}`, { headers })).status
  expect(await fetchMedia('video.m3u8', { authorization: `Bearer ${token}` })).toBe(200)

  await recordStalls(page)
  await play(page)
  const startedAt = Date.now()
  await expect.poll(() => currentTime(page), { timeout: 90_000 }).toBeGreaterThan(3.5 * tokenSeconds)
  expect(Date.now() - startedAt).toBeGreaterThan(3 * tokenSeconds * 1000)
  expect(await page.evaluate('window.stalls')).toEqual([])
  expect([...media.statuses]).toEqual([200])
  expect(media.tokens.size).toBeGreaterThanOrEqual(4)
  expect(await page.evaluate('document.querySelector("video").textTracks[0].activeCues[0].text')).not.toBe('')
  await checkPage(page, 'player-playing')

  for (const file of ['master.m3u8', 'video.m3u8', 'init.mp4', '05.m4s', 'captions.vtt']) {
    expect(await fetchMedia(file)).toBe(401)
    expect(await fetchMedia(file, { authorization: `Bearer ${token}` })).toBe(401)
    expect(await fetchMedia(`${file}?token=${token}`)).toBe(401)
  }

  await page.reload()
  await waitUntilPlayable(page)
  await expect.poll(() => currentTime(page)).toBeGreaterThan(3 * tokenSeconds)
  expect(errors).toEqual([])
}, 150_000)

test('a refund stops the film, and the player says why', async () => {
  const { user, purchaseId } = await buyFilm()
  const { page } = await openAs(user, '/purchases')
  // Blocks the access stream. Otherwise, the page would remove the player before the player could report the refund.
  await page.route('**/access.watch*', (route) => route.abort())
  await page.goto(`${stack().stack.web}${watchPath}`)
  await waitUntilPlayable(page)
  await play(page)
  await page.route('**/access.check*', (route) => route.abort())
  await page.locator('video').focus()
  const admin = await stack().client('root', { admin: true })
  await admin.admin.purchases.refund.mutate({ id: purchaseId })
  await page.getByRole('alert').getByText('Your purchase was refunded, so your access has ended.').waitFor()
  expect(await page.locator('video').count()).toBe(0)
  await page.getByRole('heading', { name: 'Playback stopped' }).and(page.locator(':focus')).waitFor()
  await checkPage(page, 'player-refunded')
})

test('a refund that is pushed to the watch page replaces the player, and the reason gets the focus', async () => {
  const { user, purchaseId } = await buyFilm()
  const { page } = await openAs(user, watchPath)
  await waitUntilPlayable(page)
  await page.locator('video').focus()
  const admin = await stack().client('root', { admin: true })
  await admin.admin.purchases.refund.mutate({ id: purchaseId })
  await page.getByRole('heading', { level: 2 }).and(page.locator(':focus')).waitFor()
  expect(await page.locator('video').count()).toBe(0)
})

test('a player sends its last position when it is removed or its page is closed', async () => {
  const { user } = await buyFilm()
  const admin = await stack().client('root', { admin: true })
  const lastPlay = async () => (await admin.admin.users.plays.query({ userId: user, limit: 1 })).items[0]
  const { page } = await openAs(user, watchPath)
  for (const leave of [
    () => page.getByRole('link', { name: 'My purchases' }).first().click(),
    () => page.goto(`${stack().stack.web}/sign-in`),
  ]) {
    await waitUntilPlayable(page)
    await play(page)
    await expect.poll(() => currentTime(page), { timeout: 30_000 }).toBeGreaterThan(1.2)
    const seconds = await currentTime(page)
    await leave()
    await expect.poll(async () => (await lastPlay())?.endReason, { timeout: 10_000 }).toBe('stopped')
    expect((await lastPlay())?.maxPositionSeconds).toBeGreaterThanOrEqual(Math.floor(seconds))
    await page.goto(`${stack().stack.web}${watchPath}`)
  }
}, 90_000)

test('a second tab of the same browser replaces the first tab, which says so and can continue', async () => {
  const { user } = await buyFilm()
  const { page: first, errors } = await openAs(user, watchPath)
  await waitUntilPlayable(first)
  await play(first)
  const second = await first.context().newPage()
  await second.goto(`${stack().stack.web}${watchPath}`)
  await waitUntilPlayable(second)
  const notice = first.getByRole('region', { name: 'Playing in another tab' })
  await notice.waitFor({ timeout: 30_000 })
  expect(await notice.getByRole('listitem').count()).toBe(0)
  await checkPage(first, 'player-another-tab')
  await notice.getByRole('button', { name: 'Watch here instead' }).click()
  await waitUntilPlayable(first)
  await second.getByRole('region', { name: 'Playing in another tab' }).waitFor({ timeout: 30_000 })
  expect(errors).toEqual([])
}, 120_000)

/** Starts playback of the film on other devices. */
const startScreens = async (user: string, systems: readonly string[]): Promise<string[]> => {
  const url = `${stack().stack.api}/client/v1/pay-to-view/access/playback`
  const headers = { authorization: `Bearer ${await stack().token(user)}`, 'content-type': 'application/json' }
  const screens: string[] = []
  for (const system of systems) {
    const agent = `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36`
    const body = JSON.stringify({ entityId: seedIds.film, deviceId: system.slice(0, 7) })
    const response = await fetch(url, { method: 'POST', headers: { ...headers, 'user-agent': agent }, body })
    screens.push(z.object({ sessionId: z.string() }).parse(await response.json()).sessionId)
  }
  return screens
}
const systems = ['Windows NT 10.0; Win64; x64', 'Macintosh; Intel Mac OS X 10_15_7', 'X11; Linux x86_64']

test('a tab lists the other screens before it takes over a place, if the tab that replaced it was closed', async () => {
  const { user, client } = await buyFilm()
  const { page: first } = await openAs(user, watchPath)
  await waitUntilPlayable(first)
  await play(first)
  const second = await first.context().newPage()
  await second.goto(`${stack().stack.web}${watchPath}`)
  await waitUntilPlayable(second)
  const watchHere = first.getByRole('region', { name: 'Playing in another tab' }).getByRole('button')
  await watchHere.waitFor({ timeout: 30_000 })
  const ended = second.waitForResponse(/access\.playback\.end/)
  await second.getByRole('link', { name: 'My purchases' }).first().click()
  await ended
  const screens = await startScreens(user, systems)
  await watchHere.click()
  const notice = first.getByRole('region', { name: 'Too many screens' })
  await notice.waitFor()
  expect(await notice.getByRole('listitem').count()).toBe(3)
  for (const sessionId of screens) await client.access.playback.heartbeat.mutate({ sessionId })
}, 120_000)

test('the fourth screen is rejected, lists the other screens, and can take over a place', async () => {
  const { user, client } = await buyFilm()
  const screens = await startScreens(user, systems)
  const { page, errors } = await openAs(user, watchPath)
  const notice = page.getByRole('region', { name: 'Too many screens' })
  await notice.waitFor()
  expect(await notice.getByRole('listitem').allTextContents()).toEqual([
    expect.stringContaining('Linux'),
    expect.stringContaining('macOS'),
    expect.stringMatching(/Windows.*\(stops if you watch here\)/),
  ])
  await checkPage(page, 'player-too-many-screens')
  await notice.getByRole('button', { name: 'Watch here instead' }).focus()
  await page.keyboard.press('Enter')
  await waitUntilPlayable(page)
  await page.locator('video:focus').waitFor()
  const [first = '', , third = ''] = screens
  await client.access.playback.heartbeat.mutate({ sessionId: third })
  await expect(client.access.playback.heartbeat.mutate({ sessionId: first })).rejects.toMatchObject({
    data: { problem: { status: 409, code: 'too_many_streams' } },
  })
  expect(errors).toEqual([])
})
