import { Prisma } from '../generated/client.ts'
import { mentionPattern, type Pseudonymizer, replaceInTexts, type UserNames } from './pseudonymizer.ts'

// Operators' rows that may name a user: the audit log, the names and creators of API keys, the reasons for granting or revoking access, and
// the reasons for canceling entities or extending access to them.

type Tx = Prisma.TransactionClient

const contains = (text: Prisma.Sql, pattern: string | null): Prisma.Sql =>
  pattern === null ? Prisma.sql`false` : Prisma.sql`${text} ~* ${pattern}`

const auditMentions = (user: UserNames): Prisma.Sql => Prisma.sql`
  ${user.userId} in (actor, subject_id, before ->> 'userId', after ->> 'userId')
    or ${contains(Prisma.sql`concat_ws(' ', actor, before::text, after::text)`, mentionPattern(user))}`

const keyMentions = (user: UserNames): Prisma.Sql => Prisma.sql`
  created_by = ${user.userId} or ${contains(Prisma.sql`concat_ws(' ', created_by, name, idempotency_key)`, mentionPattern(user))}`

const grantMentions = (user: UserNames): Prisma.Sql => Prisma.sql`
  ${user.userId} in (granted_by, revoked_by)
    or ${contains(Prisma.sql`concat_ws(' ', granted_by, reason, reference, idempotency_key, revoked_by, revoked_reason)`, mentionPattern(user))}`

const jobMentions = (user: UserNames): Prisma.Sql => Prisma.sql`
  ${user.userId} in (requested_by, paused_by)
    or ${contains(Prisma.sql`concat_ws(' ', requested_by, paused_by, reason, idempotency_key)`, mentionPattern(user))}`

/** Selects the number of operators' rows that name the user. */
export const countOperatorRows = (user: UserNames): Prisma.Sql => Prisma.sql`
  (select count(*) from audit_entries where ${auditMentions(user)}) + (select count(*) from api_keys where ${keyMentions(user)})
    + (select count(*) from grants where ${grantMentions(user)}) + (select count(*) from entity_jobs where ${jobMentions(user)})`

/** Replaces the user in the audit log, in API keys, in grants and in entity jobs. */
export const replaceInOperatorRows = async (tx: Tx, user: UserNames, { userId, text }: Pseudonymizer): Promise<void> => {
  const replace = (value: string): string => text(userId(value))
  const json = (value: unknown) =>
    value === null ? Prisma.sql`null` : Prisma.sql`${JSON.stringify(replaceInTexts(value, replace))}::jsonb`
  const entries = await tx.$queryRaw<{ id: bigint; actor: string; subjectId: string; before: unknown; after: unknown }[]>`
    select id, actor, subject_id as "subjectId", before, after from audit_entries where ${auditMentions(user)}`
  for (const { id, actor, subjectId, before, after } of entries)
    await tx.$executeRaw`
      update audit_entries set actor = ${replace(actor)}, subject_id = ${userId(subjectId)}, before = ${json(before)}, after = ${json(after)}
      where id = ${id}`
  const keys = await tx.$queryRaw<{ id: string; name: string; createdBy: string }[]>`
    select id, name, created_by as "createdBy" from api_keys where ${keyMentions(user)}`
  // The idempotency key may name the user and is needed only for a short time after the API key is created.
  for (const { id, name, createdBy } of keys)
    await tx.apiKey.update({ where: { id }, data: { name: replace(name), createdBy: replace(createdBy), idempotencyKey: null } })
  const grants = await tx.grant.findMany({
    where: { id: { in: await grantsThatMention(tx, user) } },
    select: { id: true, grantedBy: true, reason: true, revokedBy: true, revokedReason: true },
  })
  const optional = (value: string | null): string | null => (value === null ? null : replace(value))
  // The reference and the idempotency key may also name the user. They are needed only if an import or a request is repeated.
  for (const { id, grantedBy, reason, revokedBy, revokedReason } of grants)
    await tx.grant.update({
      where: { id },
      data: {
        ...{ grantedBy: optional(grantedBy), reason: optional(reason), reference: null, idempotencyKey: null },
        ...{ revokedBy: optional(revokedBy), revokedReason: optional(revokedReason) },
      },
    })
  const jobs = await tx.$queryRaw<{ id: string; requestedBy: string; pausedBy: string | null; reason: string | null }[]>`
    select id, requested_by as "requestedBy", paused_by as "pausedBy", reason from entity_jobs where ${jobMentions(user)}`
  for (const { id, requestedBy, pausedBy, reason } of jobs)
    await tx.entityJob.update({
      where: { id },
      data: { requestedBy: replace(requestedBy), pausedBy: optional(pausedBy), reason: optional(reason), idempotencyKey: null },
    })
}

const grantsThatMention = async (tx: Tx, user: UserNames): Promise<string[]> =>
  (await tx.$queryRaw<{ id: string }[]>`select id from grants where ${grantMentions(user)}`).map(({ id }) => id)
