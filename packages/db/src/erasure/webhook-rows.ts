import { Prisma } from '../generated/client.ts'
import { mentionPattern, type Pseudonymizer, type UserNames } from './pseudonymizer.ts'

// Webhook rows that may name a user: messages, receivers' responses, and the creators of endpoints.

type Tx = Prisma.TransactionClient

const contains = (text: Prisma.Sql, pattern: string | null): Prisma.Sql =>
  pattern === null ? Prisma.sql`false` : Prisma.sql`${text} ~* ${pattern}`

const requestIdPath = Prisma.sql`'{refund,requestId}'`

const namedMessages = (user: UserNames): Prisma.Sql =>
  Prisma.sql`user_id = ${user.userId} or ${contains(Prisma.sql`data #>> ${requestIdPath}`, mentionPattern(user))}`

const namedEndpoints = (user: UserNames): Prisma.Sql => Prisma.sql`
  created_by = ${user.userId} or ${contains(Prisma.sql`concat_ws(' ', created_by, description)`, mentionPattern(user))}`

const namedRequests = (user: UserNames): Prisma.Sql => Prisma.sql`
  requested_by = ${user.userId} or ${contains(Prisma.sql`concat_ws(' ', requested_by, idempotency_key)`, mentionPattern(user))}`

/** Selects the number of webhook rows that name the user and are not part of a purchase. */
export const countWebhookRows = (user: UserNames): Prisma.Sql => Prisma.sql`
  (select count(*) from outbox_messages where purchase_id is null and (${namedMessages(user)}))
  + (select count(*) from webhook_endpoints where ${namedEndpoints(user)})
  + (select count(*) from webhook_requests where ${namedRequests(user)})
  + (select count(*) from delivery_attempts where ${contains(Prisma.sql`response`, mentionPattern(user))})`

/**
 * Replaces the user's id and e-mail addresses with the pseudonym in messages and endpoints. Responses are deleted, because a receiver may
 * have written anything into them.
 */
export const replaceInWebhookRows = async (
  tx: Tx,
  user: UserNames,
  { userId, text }: Pseudonymizer,
  pseudonym: string,
): Promise<void> => {
  await tx.$executeRaw`
    update delivery_attempts set response = null
    where response is not null and (
      message_id in (select id from outbox_messages where user_id = ${user.userId}) or ${contains(Prisma.sql`response`, mentionPattern(user))}
    )`
  // Unsent e-mails must not be sent anymore, and sent e-mails are useless without the user.
  await tx.$executeRaw`delete from outbox_messages where type like 'email.%' and user_id = ${user.userId}`
  // A refund's idempotency key may name the user, and receivers do not need the key.
  await tx.$executeRaw`
    update outbox_messages set data = jsonb_set(data, ${requestIdPath}, 'null')
    where data #>> ${requestIdPath} is not null and (${namedMessages(user)})`
  await tx.$executeRaw`
    update outbox_messages set user_id = ${pseudonym}, data = jsonb_set(data, '{userId}', to_jsonb(${pseudonym}::text))
    where user_id = ${user.userId}`
  await tx.$executeRaw`delete from webhook_requests where ${namedRequests(user)}`
  const endpoints = await tx.$queryRaw<{ id: string; createdBy: string; description: string }[]>`
    select id, created_by as "createdBy", description from webhook_endpoints where ${namedEndpoints(user)}`
  for (const { id, createdBy, description } of endpoints)
    await tx.webhookEndpoint.update({
      where: { id },
      data: { createdBy: text(userId(createdBy)), description: text(description) },
    })
}
