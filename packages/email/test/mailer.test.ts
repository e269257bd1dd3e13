import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Mailbox, type Rejection, startMailbox } from '@pay-to-view/devstack/mailbox'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createMailer, requiresTls } from '../src/mailer.ts'
import { nextMailDelayMs } from '../src/schedule.ts'

const state: { rejection: Rejection } = { rejection: null }
let mailbox: Mailbox
let folder: string

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mailer-'))
  writeFileSync(path.join(folder, 'terms.txt'), 'The terms')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeEach(async () => {
  state.rejection = null
  mailbox = await startMailbox(0, () => state.rejection)
})
afterEach(() => mailbox.stop())

const mailerOf = (url: string) =>
  createMailer({ url, from: 'Cinema <tickets@cinema.example>', termsFile: path.join(folder, 'terms.txt') })

const mail = {
  ...{ id: 'msg_1', to: 'ann@example.com', subject: 'Grüße für {title}', html: '<p>Hallo</p>', text: 'Hallo' },
  ...{ language: 'de-AT', attachesTerms: false },
}

test('an e-mail arrives with text, HTML, language and a message id that stays the same', async () => {
  const mailer = mailerOf(mailbox.url)
  for (let time = 1; time <= 2; time++) expect(await mailer.send(mail)).toEqual({ result: 'sent', status: 250 })
  expect(await mailer.send({ ...mail, id: 'msg_2', attachesTerms: true })).toMatchObject({ result: 'sent' })
  mailer.close()
  expect(mailbox.mails).toMatchObject([
    { messageId: '<msg_2@cinema.example>', attachments: ['terms.txt'] },
    { messageId: '<msg_1@cinema.example>', attachments: [] },
    {
      ...{ messageId: '<msg_1@cinema.example>', from: 'Cinema <tickets@cinema.example>', to: 'ann@example.com' },
      ...{ subject: 'Grüße für {title}', language: 'de-AT', html: expect.stringContaining('<p>Hallo</p>') },
      text: expect.stringContaining('Hallo'),
    },
  ])
})

test.each([
  [
    'an unknown address',
    { status: 550, message: '5.1.1 <ann@example.com>: no such user ann' },
    'rejected',
    '550 5.1.1 at RCPT TO',
  ],
  [
    'a server that does not relay for us',
    { status: 554, message: '5.7.1 <ann@example.com>: Relay access denied' },
    'failed',
    '554 5.7.1 at RCPT TO',
  ],
  ['a rejection without a reason', { status: 550, message: 'ann@example.com: no' }, 'failed', '550 at RCPT TO'],
  ['greylisting', { status: 451, message: '4.7.1 Try again, ann@example.com' }, 'failed', '451 4.7.1 at RCPT TO'],
] as const)('%s is %o', async (_what, rejection, result, error) => {
  state.rejection = rejection
  const mailer = mailerOf(mailbox.url)
  // The outcome does not include the server's text, which contains the address.
  expect(await mailer.send(mail)).toEqual({ result, status: rejection.status, error })
  mailer.close()
})

test("a comma in the sender's name does not create two senders", async () => {
  const mailer = createMailer({ url: mailbox.url, from: 'Cinema, Bar & Grill <tickets@cinema.example>' })
  expect(await mailer.send(mail)).toMatchObject({ result: 'sent' })
  mailer.close()
  expect(mailbox.mails[0]?.from).toBe('"Cinema, Bar & Grill" <tickets@cinema.example>')
})

test('a line break in a recipient or a subject adds neither a recipient nor a header', async () => {
  const mailer = mailerOf(mailbox.url)
  await mailer.send({ ...mail, subject: 'A\r\nBcc: eve@example.com', to: 'ann@example.com>\r\nRCPT TO:<eve@example.com' })
  await mailer.send({ ...mail, subject: 'A\r\nBcc: eve@example.com' })
  mailer.close()
  for (const received of mailbox.mails) expect(received.to).not.toContain('eve')
})

test('a server that is down, does not respond, or rejects the login is a failure that is retried', async () => {
  const { url } = mailbox
  await mailbox.stop()
  const refused = mailerOf(url)
  expect(await refused.send(mail)).toMatchObject({ result: 'failed', status: null })
  refused.close()
  await expect(refused.verify()).rejects.toThrow('The mail server does not accept the connection')
  const silent = createServer((socket) => socket.end('500 no\r\n'))
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const address = silent.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const rejecting = mailerOf(`smtp://user:secret@127.0.0.1:${port}`)
  const outcome = await rejecting.send(mail)
  expect(outcome).toMatchObject({ result: 'failed' })
  expect(JSON.stringify(outcome)).not.toContain('secret')
  rejecting.close()
  silent.close()
  mailbox = await startMailbox(0)
})

test.each([
  ['smtp://user:secret@mail.example.com', true],
  ['smtp://mail.example.com:25', false],
  ['smtps://user:secret@mail.example.com', false],
  ['smtp://user:secret@127.0.0.1:1025', false],
])('%s requires STARTTLS: %s, so that a password is not sent in the clear', (url, expected) => {
  expect(requiresTls(url)).toBe(expected)
})

test('attempts end after two to three days', () => {
  let sum = 0
  let count = 0
  for (let delay = nextMailDelayMs(++count, 0); delay !== null; delay = nextMailDelayMs(++count, 0)) sum += delay
  expect(sum / 86_400_000).toBeGreaterThan(2)
  expect(sum / 86_400_000).toBeLessThan(3)
  expect(nextMailDelayMs(1, 1)).toBe(72_000)
})
