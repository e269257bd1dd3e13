import { z } from 'zod'
import { pageInput, pageOf, readCursor, toPage } from '../../cursor.ts'
import { textOfCharacters } from '../../text.ts'
import { adminProcedure } from '../../trpc.ts'
import { Time } from '../../values.ts'

const entry = z.object({
  id: z.string(),
  at: Time,
  actor: z.string().meta({ description: "The admin's user id, the id of an API key, or the name that was passed to a command" }),
  actorName: z.string().nullable().meta({ description: 'The name of the API key; null for any other actor' }),
  action: z.string().meta({ example: 'entity.updated' }),
  subjectId: z.string().meta({ description: 'Id of the changed object' }),
  before: z.unknown().meta({ description: 'Null if the change created the object' }),
  after: z.unknown().meta({ description: 'Null if the change removed the object' }),
})

const EntryId = z.string().regex(/^\d{1,18}$/)

/** The audit log, newest first: who changed the catalog, keys and grants. Changes to a purchase are in its timeline. */
export const list = adminProcedure
  .meta({ rest: { method: 'GET', path: '/admin/v1/pay-to-view/audit', summary: 'Read the audit log', tag: 'admin' } })
  .input(
    z.strictObject({
      subjectId: textOfCharacters(200).optional().meta({ description: 'Only changes to this object' }),
      ...pageInput,
    }),
  )
  .output(pageOf(entry))
  .query(async ({ ctx, input: { subjectId, limit, cursor } }) => {
    const [before] = readCursor(cursor, z.tuple([EntryId])) ?? []
    const rows = await ctx.services.reads.auditEntries(subjectId, before === undefined ? null : BigInt(before), limit + 1)
    return toPage(
      rows,
      limit,
      ({ id }) => [String(id)],
      ({ id, at, ...row }) => ({ ...row, id: String(id), at: at.toISOString() }),
    )
  })
