import { startMailbox } from '@pay-to-view/devstack/mailbox'
import { waitFor } from '@pay-to-view/devstack/wait'
import { emailEnvironment } from '@pay-to-view/email/environment'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createEmail } from '../src/email.ts'

const start = (SMTP_URL: string) => {
  const env = z.object(emailEnvironment).parse({ SMTP_URL, EMAIL_FROM: 'tickets@cinema.example', EMAIL_SITE_NAME: 'Cinema' })
  const warnings: unknown[] = []
  const stripe = { fetchRecipient: () => Promise.reject(new Error('Nothing is sent')) }
  return { email: createEmail(env, stripe, { warn: (fields: unknown) => void warnings.push(fields) }), warnings }
}

test('a worker whose mail server is unreachable starts, and logs the reason without the password', async () => {
  const mailbox = await startMailbox(0)
  await mailbox.stop()
  const { email, warnings } = start(mailbox.url.replace('//', '//user:secret-4711@'))
  await waitFor('the warning', () => warnings.length > 0, { timeoutMs: 10_000 })
  expect(warnings).toEqual([{ reason: expect.stringContaining('The mail server does not accept the connection') }])
  expect(JSON.stringify(warnings)).not.toContain('secret-4711')
  email?.close()
})
