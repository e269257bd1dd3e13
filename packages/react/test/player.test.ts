import { expect, test } from 'vitest'
import { useHooksPage } from './hooks-page.ts'

const { stack, openHooksPage } = await useHooksPage()

/** Buys the film through the API, outside the page. */
const buyFilm = async () => {
  const user = stack().newUser()
  const client = await stack().client(user)
  const { purchaseId, sessionId } = await stack().create(client)
  await stack().pay(sessionId)
  await stack().waitForStatus(client, purchaseId, 'Completed')
  return user
}

const lastPlay = async (userId: string) =>
  (await (await stack().client('root', { admin: true })).admin.users.plays.query({ userId, limit: 1 })).items[0]

test('<Player> for an entity without a media URL says so, ends its session, and tells the developer what to set', async () => {
  const user = await buyFilm()
  const messages: string[] = []
  const { page } = await openHooksPage({
    view: 'paywall',
    users: [user],
    beforeLoad: async (page) => {
      page.on('console', (message) => message.type() === 'error' && messages.push(message.text()))
    },
  })
  await page.getByRole('region', { name: "This video isn't available" }).getByRole('button', { name: 'Try again' }).waitFor()
  await expect.poll(async () => (await lastPlay(user))?.endReason).toBe('stopped')
  expect(messages).toContainEqual(expect.stringMatching(/has no media URL.*`playback`.*`url` prop/))
})

test('a custom player in <Player> reports its position for the play log, and resumes there after a reload', async () => {
  const user = await buyFilm()
  const { page } = await openHooksPage({ view: 'provider', users: [user] })
  const startAt = page.getByLabel('startAt')
  await expect.poll(() => startAt.textContent()).toBe('0')
  await page.getByRole('button', { name: 'Play' }).click()
  await page.reload()
  await expect.poll(() => startAt.textContent()).toBe('754.5')
  const admin = await stack().client('root', { admin: true })
  const positions = async () =>
    (await admin.admin.users.plays.query({ userId: user, limit: 2 })).items.map(({ maxPositionSeconds }) => maxPositionSeconds)
  await expect.poll(positions).toContain(754)
})

test('the next session of a custom player does not send the position of the previous session', async () => {
  const user = await buyFilm()
  const { page } = await openHooksPage({ view: 'provider', users: [user] })
  await page.getByRole('button', { name: 'Play' }).click()
  const hide = () => page.evaluate('dispatchEvent(new Event("pagehide"))')
  await hide()
  await page.evaluate('dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))')
  await expect.poll(() => page.getByLabel('startAt').textContent()).toBe('754.5')
  await hide()
  const admin = await stack().client('root', { admin: true })
  const plays = async () => (await admin.admin.users.plays.query({ userId: user, limit: 2 })).items
  const ended = { endReason: 'stopped' }
  await expect.poll(plays).toMatchObject([
    { ...ended, maxPositionSeconds: 0 },
    { ...ended, maxPositionSeconds: 754 },
  ])
})
