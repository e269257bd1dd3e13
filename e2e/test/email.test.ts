import type { ReceivedMail } from '@pay-to-view/devstack/mailbox'
import { waitFor } from '@pay-to-view/devstack/wait'
import { checkPage, useBrowser } from '@pay-to-view/testing/browser'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'
import { z } from 'zod'

// Tests the e-mails about a purchase, from the payment to the local mail page.

const pids = new Map<string, number>()
const stack = useStack({
  mail: true,
  restart: true,
  runFile: {
    add: (name, pid) => void pids.set(name, pid),
    remove: () => undefined,
    markStopping: () => undefined,
    release: () => undefined,
  },
})
const open = useBrowser(stack)

const waitOptions = { timeoutMs: 60_000, intervalMs: 100 }

const mails = async (to: string): Promise<ReceivedMail[]> => {
  const response = await fetch(`${stack().stack.mail}/mails.json`)
  const all = z.array(z.custom<ReceivedMail>()).parse(await response.json())
  return all.filter((mail) => mail.to === to)
}

const mailAbout = (to: string, subject: string): Promise<ReceivedMail> =>
  waitFor(`the e-mail "${subject}"`, async () => (await mails(to)).find((mail) => mail.subject === subject) ?? null, waitOptions)

const admin = async () => (await stack().client('root', { admin: true })).admin

/** Creates a purchase with a given language, as a page would with the browser's language. */
const create = async (
  user: string,
  language: string,
  { productId = seedIds.thirtyDayProduct as string, entityId = seedIds.film as string } = {},
) => {
  const email = `${user}@mail.example`
  const response = await fetch(`${stack().stack.api}/client/v1/pay-to-view/purchases`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await stack().token(user, { email })}`,
      'content-type': 'application/json',
      'accept-language': language,
    },
    body: JSON.stringify({ payToViewProductId: productId, entityId, returnUrl: 'https://yoursite.com/' }),
  })
  const { purchaseId, clientSecret } = z.object({ purchaseId: z.string(), clientSecret: z.string() }).parse(await response.json())
  return { user, email, purchaseId, sessionId: clientSecret.split('_secret_')[0] ?? '' }
}

const buy = async (language = 'en-US', options: Parameters<typeof create>[2] = {}) => {
  const purchase = await create(stack().newUser(), language, options)
  expect(await stack().pay(purchase.sessionId)).toBe(200)
  return purchase
}

test("the confirmation is in the buyer's language, and can be read on the local mail page", async () => {
  const { email, purchaseId } = await buy('de-AT,de;q=0.9,en;q=0.8')
  const mail = await mailAbout(email, 'Ihr Kauf: Nosferatu')
  expect(mail).toMatchObject({ language: 'de-AT', messageId: expect.stringMatching(/^<msg_\w{26}@cinema\.example>$/) })
  expect(mail.text).toContain(`Bestellnummer: ${purchaseId}`)
  expect(mail.text).toMatch(/Gesamtbetrag: \$\s?4,99/)
  expect(mail.text).toMatch(/Beleg: http/)
  expect(mail.html).toContain('https://cinema.example/terms')
  const { page, errors } = await open(`${stack().stack.mail}/`)
  await checkPage(page, 'mail-list')
  await page.getByRole('link', { name: 'Ihr Kauf: Nosferatu' }).first().click()
  const content = page.frameLocator('iframe')
  expect(await content.getByRole('heading', { name: 'Vielen Dank für Ihren Kauf' }).isVisible()).toBe(true)
  await checkPage(page, 'mail')
  expect(errors).toEqual([])
})

test('the buyer gets an e-mail about a refund, with its amount', async () => {
  const { email, purchaseId } = await buy()
  await mailAbout(email, 'Your purchase: Nosferatu')
  const { purchases } = await admin()
  await purchases.refund.mutate({ id: purchaseId, amount: 100 })
  expect((await mailAbout(email, 'Partial refund for Nosferatu')).text).toContain('$1.00')
  await purchases.refund.mutate({ id: purchaseId })
  expect((await mailAbout(email, 'Refund for Nosferatu')).text).toContain('$3.99')
})

test('an e-mail is sent once when it is due, unless it is no longer correct', async () => {
  const [watching, refunded] = [await buy(), await buy()]
  for (const { email } of [watching, refunded]) await mailAbout(email, 'Your purchase: Nosferatu')
  await (await admin()).purchases.refund.mutate({ id: refunded.purchaseId })
  await mailAbout(refunded.email, 'Refund for Nosferatu')
  const due = () =>
    stack().query(`select id from outbox_messages where type = 'email.access_ending' and user_id = any ($1)`, [
      [watching.user, refunded.user],
    ])
  expect(await due()).toHaveLength(2)
  await stack().query(`update outbox_messages set due_at = now() where type = 'email.access_ending' and user_id = any ($1)`, [
    [watching.user, refunded.user],
  ])
  await mailAbout(watching.email, 'Nosferatu: your access ends soon')
  // An e-mail that is no longer correct is deleted instead of sent.
  await waitFor('the other message', async () => (await due()).length === 1, waitOptions)
  const later = await buy()
  await mailAbout(later.email, 'Your purchase: Nosferatu')
  expect((await mails(watching.email)).map(({ subject }) => subject)).toEqual([
    ...['Nosferatu: your access ends soon', 'Your purchase: Nosferatu'],
  ])
  expect((await mails(refunded.email)).map(({ subject }) => subject)).toEqual([
    'Refund for Nosferatu',
    'Your purchase: Nosferatu',
  ])
})

test('the buyers of a live event are notified when it is moved and when it is canceled', async () => {
  const { entities, products } = await admin()
  const [id, productId] = ['mailed-concert', 'mailed-ticket']
  const opensAt = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString()
  const concert = { id, type: 'video' as const, title: 'Concert' }
  await entities.put.mutate({ ...concert, availableFrom: opensAt(10) })
  await products.put.mutate({
    id: productId,
    name: 'Ticket',
    accessDurationDays: 2,
    prices: [{ amount: 2_000, currency: 'usd' }],
  })
  await products.offers.put.mutate({ id: productId, entityId: id })
  const { email } = await buy('en-GB', { productId, entityId: id })
  await mailAbout(email, 'Your purchase: Concert')
  await entities.put.mutate({ ...concert, availableFrom: opensAt(20) })
  expect((await mailAbout(email, 'Concert has a new date')).text).toContain('It now starts on')
  await entities.cancel.mutate({ id, reason: 'The singer is ill' })
  expect((await mailAbout(email, 'Concert was canceled')).text).toContain('US$20.00')
  await mailAbout(email, 'Refund for Concert')
})

test('no e-mail is lost when a worker is killed', async () => {
  const purchases = await Promise.all(Array.from({ length: 6 }, () => create(stack().newUser(), 'en')))
  for (const [index, { sessionId }] of purchases.entries()) {
    expect(await stack().pay(sessionId)).toBe(200)
    if (index % 3 !== 1) continue
    const pid = pids.get('worker')
    if (pid === undefined) throw new Error('The worker is not running')
    process.kill(pid, 'SIGKILL')
    await waitFor('the next worker', () => pids.get('worker') !== pid, waitOptions)
  }
  for (const { email } of purchases) {
    await mailAbout(email, 'Your purchase: Nosferatu')
    // Delivery is at least once, so an e-mail may be sent again, but with the same message id.
    expect(new Set((await mails(email)).map(({ messageId }) => messageId)).size).toBe(1)
  }
})

test('no address is stored in the database, a workflow history, a metric or a log', async () => {
  const { email } = await buy()
  await mailAbout(email, 'Your purchase: Nosferatu')
  const tables = await stack().query("select table_name as name from information_schema.tables where table_schema = 'public'")
  for (const { name } of tables)
    expect(await stack().query(`select 1 from "${name}" as row where row::text like '%@mail.example%'`), String(name)).toEqual([])
  expect(await stack().findLeakedSecrets(['@mail.example', 'tickets@cinema.example'])).toEqual([])
})
