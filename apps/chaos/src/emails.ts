import path from 'node:path'
import type { DataFolder } from '@pay-to-view/devstack'
import { readIfExists } from '@pay-to-view/devstack/files'
import { isConfirmed, statuses } from '@pay-to-view/purchase'
import { z } from 'zod'
import type { StackDriver } from './scenarios/driver.ts'

const domain = 'cinema.example'

export const mailsFile = ({ path: folder }: DataFolder): string => path.join(folder, 'mails.jsonl')

/** A user's e-mail address. Only Stripe stores it. */
export const addressOf = (user: string): string => `${user}@mail.example`

/** Environment variables that make the workers send e-mails to the receiver. */
export const chaosEmailEnvironment = (smtpPort: number) => ({
  ...{ SMTP_URL: `smtp://127.0.0.1:${smtpPort}`, EMAIL_FROM: `Cinema <tickets@${domain}>`, EMAIL_SITE_NAME: 'Cinema' },
  EMAILS_PER_SECOND: '100',
})

const Mail = z.object({ messageId: z.string(), to: z.string(), purchaseId: z.string().nullable() })

const readMails = (dataFolder: DataFolder): z.infer<typeof Mail>[] =>
  (readIfExists(mailsFile(dataFolder)) ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Mail.parse(JSON.parse(line)))

const Change = z.object({ purchaseId: z.string(), from: z.enum(statuses), to: z.enum(statuses) })
const Message = z.object({
  id: z.string(),
  type: z.string(),
  purchaseId: z.string(),
  userId: z.string(),
  status: z.string().nullable(),
})

/**
 * Checks that every confirmed purchase has exactly one confirmation, that every e-mail was accepted at least once and always with
 * the same id, and that no other e-mail was sent.
 */
export const findEmailViolations = async ({ query }: StackDriver, dataFolder: DataFolder): Promise<string[]> => {
  const changes = z
    .array(Change)
    .parse(await query(`select purchase_id as "purchaseId", from_status as "from", to_status as "to" from changes`))
  const confirmed = new Set(changes.flatMap(({ purchaseId, from, to }) => (isConfirmed(from, to) ? [purchaseId] : [])))
  const messages = z.array(Message).parse(
    await query(
      `select message.id, type, purchase_id as "purchaseId", user_id as "userId", deliveries.status
       from outbox_messages as message left join deliveries on message_id = message.id
       where type like 'email.%' and due_at is null`,
    ),
  )
  const confirmations = messages.filter(({ type }) => type === 'email.purchase_completed')
  const confirmedOnce = new Map(confirmations.map(({ purchaseId, id }) => [purchaseId, id]))
  const expected = new Map(messages.map((message) => [`<${message.id}@${domain}>`, message]))
  const mails = readMails(dataFolder)
  const arrived = new Set(mails.map(({ messageId }) => messageId))
  const isAsExpected = ({ messageId, to, purchaseId }: (typeof mails)[number]): boolean => {
    const message = expected.get(messageId)
    return message?.purchaseId === purchaseId && to === addressOf(message.userId)
  }
  return [
    ...[...confirmed].filter((id) => !confirmedOnce.has(id)).map((id) => `no e-mail confirms ${id}`),
    ...confirmations
      .filter(({ purchaseId }) => !confirmed.has(purchaseId))
      .map(({ id }) => `the e-mail ${id} confirms an unpaid purchase`),
    ...(confirmations.length === confirmedOnce.size ? [] : ['a purchase has several confirmations']),
    ...[...expected]
      .filter(([messageId]) => !arrived.has(messageId))
      .map(([, { id, status }]) => `the e-mail ${id} did not arrive; its delivery is ${status ?? 'missing'}`),
    ...mails.filter((mail) => !isAsExpected(mail)).map((mail) => `unexpected e-mail: ${JSON.stringify(mail)}`),
  ]
}

/** Returns the number of distinct e-mails and the number of repeated e-mails, for the report. */
export const countMails = (dataFolder: DataFolder): { sent: number; repeated: number } => {
  const mails = readMails(dataFolder)
  const sent = new Set(mails.map(({ messageId }) => messageId)).size
  return { sent, repeated: mails.length - sent }
}
