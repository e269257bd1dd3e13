import { checkPage } from '@pay-to-view/testing/browser'
import { seedIds } from '@pay-to-view/testing/stack'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { useStorefront } from './storefront.ts'

const { stack, buyFilm, openAs } = useStorefront()

const buyChannel = async () => {
  const { client, newUser, create, pay, waitForStatus } = stack()
  const user = newUser()
  const userClient = await client(user)
  const { products } = await userClient.entities.get.query({ id: seedIds.channel })
  const { purchaseId, sessionId } = await create(userClient, products[0]?.id, seedIds.channel)
  await pay(sessionId)
  await waitForStatus(userClient, purchaseId, 'Completed')
  return { user, client: userClient, purchaseId }
}

test('the page shows when access expired and how to buy again, but not after the user signs out', async () => {
  const { user, purchaseId } = await buyFilm()
  await stack().query("update grants set starts_at = now() - interval '31 days' where purchase_id = $1", [purchaseId])
  const { page } = await openAs(user, `/watch/${seedIds.film}`)
  await page.getByText('Your access has ended').waitFor()
  await checkPage(page, 'access-ended')
  await page.getByRole('button', { name: /Sign out/ }).click()
  await page.getByText("You're signed out").waitFor()
  await page.getByRole('link', { name: 'See purchase options' }).waitFor({ state: 'detached' })
  await checkPage(page, 'signed-out')
})

test('a dispute suspends access, and the film cannot be bought again until the dispute is closed', async () => {
  const { user, client, purchaseId } = await buyFilm({ card: '4000000000000259' })
  await stack().waitForStatus(client, purchaseId, 'Disputed')
  const { page } = await openAs(user, `/watch/${seedIds.film}`)
  await page.getByRole('heading', { name: 'Payment disputed' }).waitFor()
  await checkPage(page, 'disputed')
  await page.goto(`${stack().stack.web}/e/${seedIds.film}`)
  await page.getByText('Earlier payment disputed').waitFor()
  expect(await page.getByRole('button', { name: /Buy/ }).count()).toBe(0)
  await page.getByRole('link', { name: 'Purchase details' }).click()
  await page.getByText('Disputed. The payment was disputed with your bank.').waitFor()
  await checkPage(page, 'disputed-receipt')
})

test('unknown films and an empty purchase history link to the catalog', async () => {
  const { page } = await openAs(stack().newUser(), '/purchases')
  await page.getByText('No purchases yet').waitFor()
  await checkPage(page, 'no-purchases')
  for (const path of [
    'e/invalid-id',
    'watch/vid_01m85eetz2e8qthwsqr5v0dh8h',
    'purchases/ptv_x',
    'e/vid_01m85eetz2e8qthwsqr5v0dh8h',
  ]) {
    await page.goto(`${stack().stack.web}/${path}`)
    await page.getByText('Not found').waitFor()
  }
  await checkPage(page, 'not-found')
  await page.getByRole('main').getByRole('link', { name: 'Browse films' }).click()
  await page.getByRole('heading', { name: 'Films' }).waitFor()
})

test('media is served only with a playback token, and the keys that verify it are public', async () => {
  const { stack: addresses, client, newUser, create, pay, waitForStatus } = stack()
  const userClient = await client(newUser())
  const withoutAccess = userClient.access.playbackToken.mutate({ entityId: seedIds.film })
  await expect(withoutAccess).rejects.toMatchObject({ data: { problem: { status: 403, code: 'no_access' } } })
  const { purchaseId, sessionId } = await create(userClient)
  await pay(sessionId)
  await waitForStatus(userClient, purchaseId, 'Completed')
  const { token } = await userClient.access.playbackToken.mutate({ entityId: seedIds.film })
  const fetchMedia = (headers: Record<string, string>) => fetch(`${addresses.web}/media/${seedIds.film}/master.m3u8`, { headers })
  expect((await fetchMedia({})).status).toBe(401)
  const withToken = await fetchMedia({ authorization: `Bearer ${token}` })
  expect([withToken.status, withToken.headers.get('content-type')]).toEqual([200, 'application/vnd.apple.mpegurl'])
  const keys = await fetch(`${addresses.api}/.well-known/jwks.json`)
  expect(keys.headers.get('cache-control')).toBe('public, max-age=300')
  const { keys: publicKeys } = z.object({ keys: z.array(z.looseObject({})) }).parse(await keys.json())
  expect(publicKeys.map((key) => Object.keys(key).sort())).toEqual([['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']])
})

test('the catalog also marks the films of a channel that the user has bought', async () => {
  const { user, client } = await buyChannel()
  const { items: videos } = await client.entities.list.query({ memberOf: seedIds.channel })
  const { page } = await openAs(user, '/')
  for (const { title } of videos) await page.getByRole('link', { name: new RegExp(`${title}.*In your library`) }).waitFor()
  expect(await page.getByText('In your library').count()).toBe(videos.length + 1)
})

test('a buyer whose access to a channel has ended is not told that nothing was bought, even if the channel is archived', async () => {
  const { user, purchaseId } = await buyChannel()
  await stack().query('update grants set revoked_at = now() where purchase_id = $1', [purchaseId])
  const setStatus = (status: string) => stack().query('update entities set status = $2 where id = $1', [seedIds.channel, status])
  onTestFinished(async () => {
    await setStatus('published')
  })
  await setStatus('archived')
  const { page } = await openAs(user, `/watch/${seedIds.channelFilm}`)
  await page.getByText('None of your purchases gives access to this now.').waitFor()
})
