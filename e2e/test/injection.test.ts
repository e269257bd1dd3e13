import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { createTemporalClient } from '@pay-to-view/workflow-client/connection'
import { beforeAll, expect, test } from 'vitest'
import { readLog } from './observability/log-lines.ts'

const stack = useStack()

/** User ids that a spreadsheet, log, form, SQL statement or JSON parser might interpret as syntax, and very long ids. */
const users = [
  '=HYPERLINK("https://evil.example","x")',
  'eve"}\u2028{"level":60,"msg":"forged"}',
  'eve&metadata[userId]=alice&metadata[payToViewPurchaseId]=ptv_01m85eetz2e8qthwsqr5v0dh8g',
  "eve' OR '1'='1",
  'eve%00%0d%0aSet-Cookie: a=b',
  '{"userId":"alice"}',
  '利'.repeat(200),
  '😀'.repeat(100),
]

const title = `Nos\r\nferatu\t=1+1 "${'長'.repeat(600)}`
const productName = `30 days\n@SUM(A1)=${'ß'.repeat(180)}`

beforeAll(async () => {
  await stack().query('update entities set title = $1 where id = $2', [title, seedIds.film])
  await stack().query('update products set name = $1 where id = $2', [productName, seedIds.thirtyDayProduct])
})

test.each(users)(
  'user %j buys a film with a hostile title: Stripe receives the user id unchanged and the title on one line',
  async (user) => {
    const { client, create, pay, waitForStatus, stripe, query } = stack()
    const userClient = await client(user)
    const { purchaseId, sessionId } = await create(userClient)
    await pay(sessionId)
    expect(await waitForStatus(userClient, purchaseId, 'Completed')).toMatchObject({ hasAccess: true })
    const { metadata, payment_intent: payment } = await stripe.checkout.sessions.retrieve(sessionId, {
      expand: ['payment_intent'],
    })
    const expected = {
      ...{ payToViewPurchaseId: purchaseId, payToViewProductId: seedIds.thirtyDayProduct, userId: user },
      ...{ entityId: seedIds.film, entityType: '1' },
    }
    expect(metadata).toEqual(expected)
    expect(payment).toMatchObject({ metadata: expected })
    const { data } = await stripe.checkout.sessions.listLineItems(sessionId)
    const name = data[0]?.description ?? ''
    expect(name).toMatch(/^Nos feratu =1\+1 "長+… – 30 days @SUM\(A1\)=ß{180}$/u)
    expect([...name]).toHaveLength(250)
    expect(await query('select mismatch from purchases where id = $1', [purchaseId])).toEqual([{ mismatch: null }])

    // A search for the user returns only this user's purchase.
    const admin = await client('root', { admin: true })
    const found = await admin.admin.purchases.search.query({ userId: user })
    expect(found.items.map((item) => [item.purchaseId, item.userId])).toEqual([[purchaseId, user]])
  },
)

test('the exported CSV file has no formulas and one row per purchase', async () => {
  const { stack: addresses, token } = stack()
  const headers = { authorization: `Bearer ${await token('root', { admin: true })}` }
  const text = await (await fetch(`${addresses.api}/admin/v1/pay-to-view/purchases.csv`, { headers })).text()
  expect(text).toContain(`"'=HYPERLINK(""https://evil.example"",""x"")"`)
  const cells = [...text.matchAll(/(?:^|,|\r\n)(?:"((?:[^"]|"")*)"|([^,\r\n]*))/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  )
  expect(cells.filter((cell) => /^\s*[=+@-]/.test(cell))).toEqual([])
  expect(cells.filter((cell) => cell.startsWith('ptv_'))).toHaveLength(users.length)
})

test('no input can inject a separate log line', () => {
  for (const service of ['server', 'worker'] as const) {
    const { lines } = readLog(stack().dataFolder.logs, service)
    expect(lines.length).toBeGreaterThan(users.length)
    expect(lines.filter((line) => line.msg === 'forged' || line.service !== service)).toEqual([])
  }
})

// Systems count lengths in different units: UTF-16 code units, code points or bytes. A text must not be cut in the middle of a character.
test.each([
  ['130 mathematical letters, each of two UTF-16 units and four bytes', '𝗔'.repeat(130)],
  ['a family, one character of seven code points, 40 times', '👩‍👩‍👧‍👦'.repeat(40)],
  ['200 Arabic letters, each of two bytes', 'ح'.repeat(200)],
  ['letters with combining accents', 'e\u0301'.repeat(150)],
])('a film titled with %s can be bought, and its title is never cut in the middle of a character', async (_, longTitle) => {
  const { client, create, newUser, pay, waitForStatus, stripe, query, stack: addresses } = stack()
  await query('update entities set title = $1 where id = $2', [longTitle, seedIds.film])
  await query("update products set name = '30 days' where id = $1", [seedIds.thirtyDayProduct])
  const user = await client(newUser())
  const { purchaseId, sessionId } = await create(user)
  await pay(sessionId)
  expect(await waitForStatus(user, purchaseId, 'Completed')).toMatchObject({ hasAccess: true })

  const { data } = await stripe.checkout.sessions.listLineItems(sessionId)
  const { temporalAddress: address, temporalNamespace: namespace } = addresses
  const temporal = createTemporalClient({ address, namespace, tls: false })
  const summary = await (await temporal.workflow.getHandle(purchaseId).describe()).staticSummary()
  await temporal.connection.close()
  const characters = new Set([...new Intl.Segmenter('en').segment(longTitle)].map(({ segment }) => segment))
  for (const [shown, pattern] of [
    [data[0]?.description ?? '', /^(.+?)…? – 30 days$/u],
    [summary ?? '', /^user-\d+ · (.+?)…? · 4\.99 USD$/u],
  ] as const) {
    const [, shownTitle = ''] = pattern.exec(shown) ?? []
    expect(shownTitle.length, shown).toBeGreaterThan(10)
    expect([...new Intl.Segmenter('en').segment(shownTitle)].filter(({ segment }) => !characters.has(segment))).toEqual([])
  }
  expect(Buffer.byteLength(summary ?? '')).toBeLessThanOrEqual(200)
})
