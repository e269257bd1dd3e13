import { checkPage, fillCard, signIn } from '@pay-to-view/testing/browser'
import { seedIds } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'
import { buyButton, useStorefront } from './storefront.ts'

const { stack, open, buyFilm, openAs } = useStorefront()

test('the page shows when it is offline, and continues when it is online again', async () => {
  const { page } = await openAs(stack().newUser(), `/e/${seedIds.film}`)
  await page.getByRole('button', buyButton).waitFor()
  await page.context().setOffline(true)
  await page.getByText(/You're offline/).waitFor()
  await page.getByRole('button', buyButton).click()
  await page.getByText("Can't connect").waitFor()
  await checkPage(page, 'offline')
  await page.context().setOffline(false)
  await page.getByText(/You're offline/).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.frameLocator('iframe').getByRole('button', { name: /pay/i }).waitFor()
  // A query that failed while offline is refetched when the connection returns, without a click.
  await page.context().setOffline(true)
  await page.getByRole('link', { name: 'My purchases' }).click()
  await page.getByText("Can't connect").waitFor()
  await page.context().setOffline(false)
  await page.getByText('Not paid').waitFor()
})

test('without the event stream, the page polls and still opens the film', async () => {
  const { page } = await open(`/sign-in?next=/e/${seedIds.film}`)
  await page.route('**/trpc/access.watch*', (route) => route.abort())
  await signIn(page, 'polling')
  await page.getByRole('button', buyButton).click()
  await fillCard(page, '4242424242424242')
  await page.waitForURL(`**/watch/${seedIds.film}`)
  await page.locator('video').waitFor()
})

test('an open checkout stays on the page during a network failure, and can be paid afterward', async () => {
  const { page } = await openAs(stack().newUser(), `/e/${seedIds.film}`)
  await page.getByRole('button', buyButton).click()
  const payButton = page.frameLocator('iframe').getByRole('button', { name: /pay/i })
  await payButton.waitFor()
  const abortedUrls: string[] = []
  await page.route('**/trpc/**', async (route) => {
    abortedUrls.push(route.request().url())
    await route.abort()
  })
  // Stale data is refetched whenever the user returns to the page, for example from a bank's app.
  await expect
    .poll(
      async () => {
        await page.evaluate('window.dispatchEvent(new Event("visibilitychange"))')
        return abortedUrls.filter((url) => url.includes('entities.get')).length
      },
      { timeout: 40_000, interval: 500 },
    )
    .toBeGreaterThanOrEqual(3)
  expect(await payButton.isVisible()).toBe(true)
  await page.unroute('**/trpc/**')
  await fillCard(page, '4242424242424242')
  await page.waitForURL(`**/watch/${seedIds.film}`)
})

test("signing out removes the user's data from the page", async () => {
  const { user } = await buyFilm()
  const { page } = await openAs(user, '/purchases')
  await page.getByText('Completed').waitFor()
  await page.getByRole('button', { name: /Sign out/ }).click()
  await page.getByText("You're signed out").waitFor()
  expect(await page.locator('.purchases li').count()).toBe(0)
  const { page: catalog } = await openAs(user, '/')
  await catalog.getByRole('link', { name: /Nosferatu.*In your library/ }).waitFor()
  await catalog.getByRole('button', { name: /Sign out/ }).click()
  await catalog.getByText('In your library').waitFor({ state: 'detached' })
})

test('two tabs sign in and out together, and a bank debit in one tab is shown in the other tab', async () => {
  const { page } = await openAs(stack().newUser(), `/e/${seedIds.film}`)
  await page.getByRole('button', buyButton).waitFor()
  const otherTab = await page.context().newPage()
  await otherTab.goto(page.url())
  await otherTab.getByRole('button', buyButton).waitFor()
  await page.getByRole('button', buyButton).click()
  const checkout = page.frameLocator('iframe')
  await checkout.getByLabel('Bank debit').check()
  await checkout.getByRole('button', { name: /pay/i }).click()
  await otherTab.getByText('Payment processing').waitFor()
  expect(await otherTab.getByRole('button', { name: /Buy/ }).count()).toBe(0)
  await otherTab.getByRole('button', { name: /Sign out/ }).click()
  await page.getByRole('link', { name: /Sign in to buy Film, 30 days/ }).waitFor()
})

test('a token that the server rejects signs the user out, and public pages still load', async () => {
  const { page } = await openAs(stack().newUser(), `/e/${seedIds.film}`)
  await page.getByRole('button', buyButton).waitFor()
  await page.evaluate(`{
    const stored = JSON.parse(localStorage.getItem('pay-to-view-session'))
    localStorage.setItem('pay-to-view-session', JSON.stringify({ ...stored, token: 'eyJ.a.b' }))
  }`)
  await page.reload()
  await page.getByRole('link', { name: /Sign in to buy Film, 30 days/ }).waitFor()
  await page.getByRole('link', { name: 'Sign in', exact: true }).waitFor()
})

test('if the network prevents the renewal of a token, the user stays signed in; a rejection by the issuer signs the user out', async () => {
  const { page } = await openAs(stack().newUser(), '/purchases')
  await page.getByText('No purchases yet').waitFor()
  await page.evaluate(`{
    const stored = JSON.parse(localStorage.getItem('pay-to-view-session'))
    localStorage.setItem('pay-to-view-session', JSON.stringify({ ...stored, expiresAt: new Date(0).toISOString() }))
  }`)
  await page.route(`${stack().stack.issuer}/token`, (route) => route.abort())
  await page.reload()
  await page.getByText("Can't connect").waitFor()
  await page.getByRole('button', { name: /Sign out/ }).waitFor()
  await page.unroute(`${stack().stack.issuer}/token`)
  await page.route(`${stack().stack.issuer}/token`, (route) =>
    route.fulfill({ status: 403, headers: { 'access-control-allow-origin': '*' }, body: '{}' }),
  )
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText("You're signed out").waitFor()
})
