import type { FrameLocator, Locator, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { seeded, useStack } from '../../../packages/devstack/test/harness.ts'
import { fillCard, look, signIn, useBrowser, whenPlayable } from './page.ts'

const stack = useStack({ web: true })
const open = useBrowser(stack)

/** Somebody who has bought the film. */
const buyer = async (card?: string) => {
  const { client, newUser, create, pay, whenStatus } = stack()
  const user = newUser()
  const viewer = await client(user)
  const { purchaseId, sessionId } = await create(viewer)
  await pay(sessionId, card === undefined ? undefined : { card })
  if (card === undefined) await whenStatus(viewer, purchaseId, 'Completed')
  return { user, viewer, purchaseId, sessionId }
}

/** A page of somebody who is signed in. */
const enter = async (user: string, path: string, size?: Parameters<typeof open>[1]) => {
  const { page, errors } = await open(`/sign-in?next=${path}`, size)
  await signIn(page, user)
  return { page, errors }
}

const buyButton = { name: 'Buy Film, 30 days' } as const

describe.each(['desktop-light', 'phone-dark'] as const)('%s', (size) => {
  test('from the catalogue to watching, with a declined card and 3D Secure on the way', async () => {
    const { page, errors } = await open('/', size)
    await page.getByRole('heading', { name: 'Films' }).waitFor()
    await page.getByText('from $4.99').first().waitFor()
    await look(page, `${size}-1-catalogue`)
    await page.getByRole('link', { name: /Nosferatu F\. W\. Murnau/ }).click()
    await page.getByText('$4.99').waitFor()
    await look(page, `${size}-2-film`)
    await page.getByRole('link', { name: /Sign in to buy Film, 30 days/ }).click()
    await page.getByLabel('Your name').waitFor()
    await look(page, `${size}-3-sign-in`)
    await signIn(page, `viewer-${size}`)
    await page.getByRole('button', buyButton).click()
    const checkout = page.frameLocator('iframe')
    await fillCard(page, '4000000000000002')
    await checkout.getByText('Your card was declined.').waitFor()
    await look(page, `${size}-4-declined`)
    await fillCard(page, '4000002760003184')
    await checkout.getByRole('button', { name: /fail/i }).click()
    await checkout.getByRole('alert').waitFor()
    await fillCard(page, '4000002760003184')
    await checkout.getByRole('button', { name: /complete/i }).click()
    await page.waitForURL(`**/watch/${seeded.film}`)
    await page.getByText(/Yours until/).waitFor()
    // It has pictures to show: it was fetched with a playback token, and can be played.
    await whenPlayable(page)
    await look(page, `${size}-5-watch`)
    await page.getByRole('link', { name: 'My purchases' }).click()
    await page.getByText('Completed').waitFor()
    await look(page, `${size}-6-purchases`)
    await page.getByRole('link', { name: 'Details and receipt' }).click()
    await page.getByRole('heading', { name: 'Receipt' }).waitFor()
    await page.getByText('Nosferatu – Film, 30 days').waitFor()
    await look(page, `${size}-7-receipt`)
    await page.getByRole('link', { name: 'Silent House' }).click()
    await page.getByRole('link', { name: /Nosferatu.*Yours/ }).waitFor()
    expect(errors).toEqual([])
  })

  test('a refund takes the film off the page while it is open; it can be bought again', async () => {
    const { user, purchaseId } = await buyer()
    const { page } = await enter(user, `/watch/${seeded.film}`, size)
    await page.locator('video').waitFor()
    const admin = await stack().client('root', { admin: true })
    await admin.admin.purchases.refund.mutate({ id: purchaseId })
    await page.getByText('This was refunded').waitFor()
    await look(page, `${size}-refunded`)
    await page.getByRole('link', { name: 'See the prices' }).click()
    await page.getByText(/Refunded on/).waitFor()
    await look(page, `${size}-prices-after-refund`)
    await page.getByRole('button', buyButton).click()
    await fillCard(page, '4242424242424242')
    await page.waitForURL(`**/watch/${seeded.film}`)
  })

  test('a payment that takes days: shown as on its way, also to whoever comes back, and opened when the bank has paid', async () => {
    const { client, newUser, create, pay, stripe, emulator } = stack()
    const user = newUser()
    const viewer = await client(user)
    const { purchaseId, sessionId } = await create(viewer)
    await pay(sessionId, { method: 'us_bank_account' })
    await expect
      .poll(async () => (await viewer.purchases.get.query({ id: purchaseId })).processing, { timeout: 15_000 })
      .toBe(true)
    const { page } = await enter(user, `/e/${seeded.film}`, size)
    await page.getByText('Your payment is on its way').waitFor()
    expect(await page.getByRole('button', { name: /Buy/ }).count()).toBe(0)
    await look(page, `${size}-processing`)
    await page.goto(`${stack().stack.web}/watch/${seeded.film}`)
    await page.getByText('Your payment is on its way').waitFor()
    await page.goBack()
    const { payment_intent: payment } = await stripe.checkout.sessions.retrieve(sessionId)
    await emulator(`payment_intents/${payment}/settle`)
    await page.getByText('You have this').waitFor()
    await look(page, `${size}-owned`)
  })

  test('a bank payment that fails says so, and is made again with a card', async () => {
    const { page } = await enter(stack().newUser(), `/e/${seeded.film}`, size)
    await page.getByRole('button', buyButton).click()
    const checkout = page.frameLocator('iframe')
    await checkout.getByLabel('Bank debit').check()
    await checkout.getByRole('button', { name: /pay/i }).click()
    await page.getByText('Your payment is on its way').waitFor()
    const [payment] = (await stack().stripe.paymentIntents.list({ limit: 1 })).data
    await stack().emulator(`payment_intents/${payment?.id}/settle`, { outcome: 'failed' })
    await page.getByText('The payment failed').waitFor()
    await look(page, `${size}-failed`)
    await page.getByRole('button', { name: 'Start again' }).click()
    await page.getByText('Your last payment failed').waitFor()
    await page.getByRole('button', buyButton).click()
    await fillCard(page, '4242424242424242')
    await page.waitForURL(`**/watch/${seeded.film}`)
  })

  test('the network is gone: the page says so, and goes on when it is back', async () => {
    const { page } = await enter(stack().newUser(), `/e/${seeded.film}`, size)
    await page.getByRole('button', buyButton).waitFor()
    await page.context().setOffline(true)
    await page.getByText(/You are offline/).waitFor()
    await page.getByRole('button', buyButton).click()
    await page.getByText('We cannot be reached').waitFor()
    await look(page, `${size}-offline`)
    await page.context().setOffline(false)
    await page.getByText(/You are offline/).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.frameLocator('iframe').getByRole('button', { name: /pay/i }).waitFor()
    // What could not be asked for is asked for when it can be.
    await page.context().setOffline(true)
    await page.getByRole('link', { name: 'My purchases' }).click()
    await page.getByText('We cannot be reached').waitFor()
    await page.context().setOffline(false)
    await page.getByText('Not paid').waitFor()
  })

  test('a checkout that has ended while the page was open offers a new one', async () => {
    const { page } = await enter(stack().newUser(), `/e/${seeded.film}`, size)
    const made = page.waitForResponse((answer) => answer.url().includes('purchases.create'))
    await page.getByRole('button', buyButton).click()
    const session = /cs_test_\w+?(?=_secret_)/.exec(await (await made).text())?.[0]
    await page.frameLocator('iframe').getByRole('button', { name: /pay/i }).waitFor()
    expect(await stack().emulator(`checkout/sessions/${session}/expire`)).toBe(200)
    await page.getByText('This checkout has ended').waitFor()
    await look(page, `${size}-checkout-ended`)
    await page.getByRole('button', { name: 'Start again' }).click()
    await page.getByRole('button', buyButton).click()
    await fillCard(page, '4242424242424242')
    await page.waitForURL(`**/watch/${seeded.film}`)
  })

  test('access that has ended says when, and how to have it again; signed out, the page says so', async () => {
    const { user, purchaseId } = await buyer()
    await stack().query("update grants set expires_at = now() - interval '1 hour' where purchase_id = $1", [purchaseId])
    await stack().query("update purchases set expires_at = now() - interval '1 hour' where id = $1", [purchaseId])
    const { page } = await enter(user, `/watch/${seeded.film}`, size)
    await page.getByText('Your access has ended').waitFor()
    await look(page, `${size}-access-ended`)
    await page.getByRole('button', { name: /Sign out/ }).click()
    await page.getByText('You are signed out').waitFor()
    await page.getByRole('link', { name: 'See the prices' }).waitFor({ state: 'detached' })
    await look(page, `${size}-signed-out`)
  })

  test('a dispute withholds the film, and says that it cannot be bought meanwhile', async () => {
    const { user, viewer, purchaseId } = await buyer('4000000000000259')
    await stack().whenStatus(viewer, purchaseId, 'Disputed')
    const { page } = await enter(user, `/watch/${seeded.film}`, size)
    await page.getByRole('heading', { name: 'Your bank disputes the payment' }).waitFor()
    await look(page, `${size}-disputed`)
    await page.goto(`${stack().stack.web}/e/${seeded.film}`)
    await page.getByText('Your bank disputes an earlier payment').waitFor()
    expect(await page.getByRole('button', { name: /Buy/ }).count()).toBe(0)
    await page.getByRole('link', { name: 'Details of the purchase' }).click()
    await page.getByText('Disputed. Your bank disputes the payment.').waitFor()
    await look(page, `${size}-disputed-receipt`)
  })

  test('a film that is not there, and nothing bought yet: a way on from each', async () => {
    const { page } = await enter(stack().newUser(), '/purchases', size)
    await page.getByText('Nothing yet').waitFor()
    await look(page, `${size}-nothing-bought`)
    for (const place of [
      'e/a-slip',
      'watch/vid_01m85eetz2e8qthwsqr5v0dh8h',
      'purchases/ptv_x',
      'e/vid_01m85eetz2e8qthwsqr5v0dh8h',
    ]) {
      await page.goto(`${stack().stack.web}/${place}`)
      await page.getByText('This is not here').waitFor()
    }
    await look(page, `${size}-no-such-film`)
    await page.getByRole('main').getByRole('link', { name: 'See what is showing' }).click()
    await page.getByRole('heading', { name: 'Films' }).waitFor()
  })
})

test('the film is served to its playback token alone, and the keys of that are public', async () => {
  const { stack: where, client, newUser, create, pay, whenStatus } = stack()
  const viewer = await client(newUser())
  const refused = viewer.access.playbackToken.mutate({ entityId: seeded.film })
  await expect(refused).rejects.toMatchObject({ data: { problem: { status: 403, code: 'no_access' } } })
  const { purchaseId, sessionId } = await create(viewer)
  await pay(sessionId)
  await whenStatus(viewer, purchaseId, 'Completed')
  const { token } = await viewer.access.playbackToken.mutate({ entityId: seeded.film })
  const film = (headers: Record<string, string>) => fetch(`${where.web}/media/${seeded.film}/clip.webm`, { headers })
  expect((await film({})).status).toBe(401)
  const opened = await film({ authorization: `Bearer ${token}` })
  expect([opened.status, opened.headers.get('content-type')]).toEqual([200, 'video/webm'])
  const keys = await fetch(`${where.api}/.well-known/jwks.json`)
  expect(keys.headers.get('cache-control')).toBe('public, max-age=300')
  const { keys: published } = z.object({ keys: z.array(z.looseObject({})) }).parse(await keys.json())
  expect(published.map((key) => Object.keys(key).sort())).toEqual([['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']])
})

/** Goes on with Tab until this has the focus: what it cannot reach, nobody can without a mouse. */
const tabTo = async (page: Page, wanted: Locator, within: Page | FrameLocator = page): Promise<void> => {
  await wanted.waitFor()
  for (let presses = 0; presses < 60; presses++) {
    if ((await wanted.and(within.locator(':focus')).count()) > 0) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not reach ${wanted}`)
}

test('with the keyboard alone: from the catalogue past the sign-in and the checkout to the film', async () => {
  const { page } = await open('/')
  const film = page.getByRole('link', { name: /Nosferatu F\. W\. Murnau/ })
  await tabTo(page, page.getByRole('link', { name: 'Skip to the content' }))
  await tabTo(page, film)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Nosferatu' }).waitFor()
  expect(await page.evaluate('document.activeElement.tagName')).toBe('H1')
  const toBuy = page.getByRole('link', { name: /Sign in to buy Film, to keep/ })
  await tabTo(page, toBuy)
  await page.keyboard.press('Enter')
  const name = page.getByLabel('Your name')
  await tabTo(page, name)
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type('keyboard')
  await page.keyboard.press('Enter')
  const buy = page.getByRole('button', { name: 'Buy Film, to keep' })
  await tabTo(page, buy)
  await page.keyboard.press('Enter')
  const form = page.frameLocator('iframe')
  // The button that was pressed is gone, and the focus is where it was.
  await page.getByRole('region', { name: 'Your ticket' }).and(page.locator(':focus')).waitFor()
  for (const [label, typed] of [
    [/card number/i, '4242424242424242'],
    [/expir/i, '1234'],
    [/cvc/i, '123'],
  ] as const) {
    await tabTo(page, form.getByLabel(label), form)
    await page.keyboard.type(typed)
  }
  await page.keyboard.press('Enter')
  await page.waitForURL(`**/watch/${seeded.film}`)
  await page.getByText('Yours to keep').waitFor()
})

test('prices that have changed since they were shown: told beside the checkout, and withdrawn ones are gone', async () => {
  const { client, newUser } = stack()
  const { products } = (await client('root', { admin: true })).admin
  const fields = { name: 'Of today', amount: 500, currency: 'usd', accessDurationDays: 1 }
  const { payToViewProductId } = await products.create.mutate(fields)
  await products.offer.mutate({ payToViewProductId, entityId: seeded.channelFilm, offered: true })
  const { page } = await enter(newUser(), `/e/${seeded.channelFilm}`)
  const buy = page.getByRole('button', { name: 'Buy Of today' })
  await buy.waitFor()
  await products.change.mutate({ payToViewProductId, amount: 900 })
  await buy.click()
  await page.getByText('The price has changed: it was $5.00, and is $9.00 now.').waitFor()
  await page.frameLocator('iframe').getByText('9.00 USD').first().waitFor()
  await page.getByRole('button', { name: 'Back to the prices' }).click()
  await page.getByText('$9.00').waitFor()
  // What it was called then is what was bought.
  const buyer = await stack().client(stack().newUser())
  const { purchaseId } = await stack().create(buyer, payToViewProductId, seeded.channelFilm)
  await products.change.mutate({ payToViewProductId, name: 'Of tomorrow', active: false })
  expect((await buyer.purchases.get.query({ id: purchaseId })).description).toBe('The General – Of today')
  await buy.click()
  await page.getByText('This is not sold any more').waitFor()
  await look(page, 'withdrawn')
  await page.getByRole('button', { name: 'Back to the prices' }).click()
  await page.getByRole('button', { name: /^Buy/ }).first().waitFor()
  expect(await buy.count()).toBe(0)
})

test('without the event stream the page asks, and turns all the same', async () => {
  const { page } = await open(`/sign-in?next=/e/${seeded.film}`)
  await page.route('**/trpc/access.watch*', (route) => route.abort())
  await signIn(page, 'polling')
  await page.getByRole('button', { name: 'Buy Film, 30 days' }).click()
  await fillCard(page, '4242424242424242')
  await page.waitForURL(`**/watch/${seeded.film}`)
  await page.locator('video').waitFor()
})

test('signed out, nothing that the viewer was told stays on the page', async () => {
  const { user } = await buyer()
  const { page } = await enter(user, '/purchases')
  await page.getByText('Completed').waitFor()
  await page.getByRole('button', { name: /Sign out/ }).click()
  await page.getByText('You are signed out').waitFor()
  expect(await page.locator('.purchases li').count()).toBe(0)
  const again = await enter(user, '/')
  await again.page.getByRole('link', { name: /Nosferatu.*Yours/ }).waitFor()
  await again.page.getByRole('button', { name: /Sign out/ }).click()
  await again.page.getByText('Yours').waitFor({ state: 'detached' })
})

test('a channel that is owned marks its films as well', async () => {
  const { client, newUser, create, pay, whenStatus } = stack()
  const user = newUser()
  const viewer = await client(user)
  const { products, videos } = await viewer.entities.get.query({ entityId: seeded.channel })
  const { purchaseId, sessionId } = await create(viewer, products[0]?.payToViewProductId, seeded.channel)
  await pay(sessionId)
  await whenStatus(viewer, purchaseId, 'Completed')
  const { page } = await enter(user, '/')
  for (const { title } of videos) await page.getByRole('link', { name: new RegExp(`${title}.*Yours`) }).waitFor()
  expect(await page.getByText('Yours').count()).toBe(videos.length + 1)
})

test('an open checkout stays on the page while the network is away, and can be paid when it is back', async () => {
  const { page } = await enter(stack().newUser(), `/e/${seeded.film}`)
  await page.getByRole('button', buyButton).click()
  const pay = page.frameLocator('iframe').getByRole('button', { name: /pay/i })
  await pay.waitFor()
  const refused: string[] = []
  await page.route('**/trpc/**', async (route) => {
    refused.push(route.request().url())
    await route.abort()
  })
  // The viewer comes back from the bank's app again and again: each time the page asks for what it has shown for a while.
  await expect
    .poll(
      async () => {
        await page.evaluate('window.dispatchEvent(new Event("visibilitychange"))')
        return refused.filter((url) => url.includes('entities.get')).length
      },
      { timeout: 40_000, interval: 500 },
    )
    .toBeGreaterThanOrEqual(3)
  expect(await pay.isVisible()).toBe(true)
  await page.unroute('**/trpc/**')
  await fillCard(page, '4242424242424242')
  await page.waitForURL(`**/watch/${seeded.film}`)
})

test('two tabs: signed in and out together, and a bank debit of the one is shown in the other', async () => {
  const { page } = await enter(stack().newUser(), `/e/${seeded.film}`)
  await page.getByRole('button', buyButton).waitFor()
  const other = await page.context().newPage()
  await other.goto(page.url())
  await other.getByRole('button', buyButton).waitFor()
  await page.getByRole('button', buyButton).click()
  const checkout = page.frameLocator('iframe')
  await checkout.getByLabel('Bank debit').check()
  await checkout.getByRole('button', { name: /pay/i }).click()
  await other.getByText('Your payment is on its way').waitFor()
  expect(await other.getByRole('button', { name: /Buy/ }).count()).toBe(0)
  await other.getByRole('button', { name: /Sign out/ }).click()
  await page.getByRole('link', { name: /Sign in to buy Film, 30 days/ }).waitFor()
})

test('a token that the server does not take any more: signed out, and the catalogue is there all the same', async () => {
  const { page } = await enter(stack().newUser(), `/e/${seeded.film}`)
  await page.getByRole('button', buyButton).waitFor()
  await page.evaluate(`{
    const kept = JSON.parse(localStorage.getItem('pay-to-view-session'))
    localStorage.setItem('pay-to-view-session', JSON.stringify({ ...kept, token: 'eyJ.a.b' }))
  }`)
  await page.reload()
  await page.getByRole('link', { name: /Sign in to buy Film, 30 days/ }).waitFor()
  await page.getByRole('link', { name: 'Sign in', exact: true }).waitFor()
})

test('a token that cannot be renewed for want of a network signs nobody out; one that the issuer refuses does', async () => {
  const { page } = await enter(stack().newUser(), '/purchases')
  await page.getByText('Nothing yet').waitFor()
  await page.evaluate(`{
    const kept = JSON.parse(localStorage.getItem('pay-to-view-session'))
    localStorage.setItem('pay-to-view-session', JSON.stringify({ ...kept, expiresAt: new Date(0).toISOString() }))
  }`)
  await page.route(`${stack().stack.issuer}/token`, (route) => route.abort())
  await page.reload()
  await page.getByText('We cannot be reached').waitFor()
  await page.getByRole('button', { name: /Sign out/ }).waitFor()
  await page.unroute(`${stack().stack.issuer}/token`)
  await page.route(`${stack().stack.issuer}/token`, (route) =>
    route.fulfill({ status: 403, headers: { 'access-control-allow-origin': '*' }, body: '{}' }),
  )
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('You are signed out').waitFor()
})

test('back from the film leads past the sign-in; back from a purchase to its page of the history', async () => {
  const { user, purchaseId } = await buyer()
  await stack().query(
    `insert into purchases (id, user_id, entity_id, product_id, amount, currency, checkout_request, checkout_deadline, status, open, created_at)
     select 'ptv_01m85eetz2e8qthwsqr5v0e' || lpad(n::text, 3, '0'), user_id, entity_id, product_id, amount, currency, '{}', now(), 'Expired', false,
       now() - n * interval '1 day' from purchases, generate_series(1, 12) n where id = $1`,
    [purchaseId],
  )
  const { page } = await open('/')
  await page.getByRole('link', { name: 'My purchases' }).click()
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click()
  await signIn(page, user)
  await page.getByText('Page 1 of 2').waitFor()
  await page.getByRole('button', { name: 'Older' }).click()
  await page.getByText('Page 2 of 2').waitFor()
  await page.getByRole('link', { name: 'Details and receipt' }).first().click()
  await page.getByText('Expired. The checkout ended unpaid.').waitFor()
  await page.goBack()
  await page.getByText('Page 2 of 2').waitFor()
  await page.goBack()
  await page.getByText('Page 1 of 2').waitFor()
  await page.goBack()
  await page.getByRole('heading', { name: 'Films' }).waitFor()
})

test('at 320 px, with long and foreign titles and prices of no and of three decimals, everything fits and reads as Stripe charges it', async () => {
  const { query, newUser } = stack()
  const long = `${'The Extraordinarily Long and Winding Title of a Film That Nobody Could Remember '.repeat(2)}Donaudampfschifffahrtselektrizitätenhauptbetriebswerk`
  const titles = [long, 'لسان الحال: فيلم صامت (1927)']
  const prices = [
    ['Japan', 500, 'jpy', '¥500'],
    ['Kuwait', 1250, 'kwd', /KWD\s1\.250/],
    ['Hungary', 499_000, 'huf', /HUF\s4,990\.00/],
  ] as const
  for (const [n, title] of titles.entries())
    await query('insert into entities (id, title, description) values ($1, $2, $2)', [`vid_01m85eetz2e8qthwsqr5v0d00${n}`, title])
  for (const [n, [name, amount, currency]] of prices.entries()) {
    const id = `prod_01m85eetz6e8qthwvnjjs5zz0${n}`
    await query('insert into products (id, name, amount, currency) values ($1, $2, $3, $4)', [id, name, amount, currency])
    for (const of of titles.keys())
      await query('insert into offers (product_id, entity_id) values ($1, $2)', [id, `vid_01m85eetz2e8qthwsqr5v0d00${of}`])
  }
  for (const [n, title] of titles.entries()) {
    const { page } = await open(`/e/vid_01m85eetz2e8qthwsqr5v0d00${n}`, 'phone-small')
    await page.getByRole('heading', { level: 1, name: title.trim() }).waitFor()
    for (const [, , , price] of prices) await page.getByText(price).waitFor()
    await look(page, `phone-small-title-${n}`)
  }
  const { page } = await enter(newUser(), '/', 'phone-small')
  await page.getByRole('link', { name: /Nosferatu F/ }).waitFor()
  await look(page, 'phone-small-catalogue')
  await page.goto(`${stack().stack.web}/e/vid_01m85eetz2e8qthwsqr5v0d001`)
  await page.getByRole('button', { name: 'Buy Kuwait' }).click()
  await page.frameLocator('iframe').getByText('1.250 KWD').first().waitFor()
  expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Your ticket')
  await look(page, 'phone-small-checkout')
})
