import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Mailbox, type Rejection, startMailbox } from '@pay-to-view/devstack/mailbox'
import { sampleMails } from '@pay-to-view/email/samples'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runOps } from './run-ops.ts'

const state: { rejection: Rejection } = { rejection: null }
let mailbox: Mailbox
let folder: string

beforeAll(async () => {
  mailbox = await startMailbox(0, () => state.rejection)
  folder = mkdtempSync(path.join(tmpdir(), 'email-'))
})
afterAll(async () => {
  await mailbox.stop()
  rmSync(folder, { recursive: true, force: true })
})

const email = (args: string[], env: Record<string, string> = {}) => runOps(['email', ...args], env)

test('a site can copy the default texts and change them, and the preview shows the changes', async () => {
  const [templates, preview] = [path.join(folder, 'templates'), path.join(folder, 'preview')]
  expect(await email(['templates', templates])).toMatchObject({ exitCode: 0 })
  expect(await email(['templates', templates])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('EEXIST') })
  const file = path.join(templates, 'de.json')
  writeFileSync(file, readFileSync(file, 'utf8').replace('Vielen Dank für Ihren Kauf', 'Danke!'))
  const shown = await email(['preview', preview, '--language', 'de'], { EMAIL_TEMPLATES: templates })
  expect(shown).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Ihr Kauf: Nosferatu') })
  expect(readFileSync(path.join(preview, '01-purchase_completed.txt'), 'utf8')).toContain('Danke!')
  expect(readdirSync(preview)).toHaveLength(2 * sampleMails().length)
})

test("a test e-mail arrives; if it cannot be sent, the error names the missing variable or contains the mail server's status", async () => {
  const env = { SMTP_URL: mailbox.url, EMAIL_FROM: 'Cinema <tickets@cinema.example>', EMAIL_SITE_NAME: 'Cinema' }
  expect(await email(['test', 'ann@example.com'], env)).toMatchObject({ exitCode: 0 })
  expect(mailbox.mails).toMatchObject([{ to: 'ann@example.com', subject: 'Your purchase: Nosferatu' }])
  state.rejection = { status: 550, message: '5.7.1 rejected' }
  const rejected = await email(['test', 'ann@example.com'], env)
  expect(rejected).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('550 5.7.1 at RCPT TO') })
  const { SMTP_URL: _, ...withoutServer } = env
  const missing = await email(['test', 'ann@example.com'], withoutServer)
  expect(missing).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('SMTP_URL') })
})
