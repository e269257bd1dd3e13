import { isReservedActor } from '@pay-to-view/db'
import { maxAccessMs, maxAccessYears } from '@pay-to-view/purchase'
import { z } from 'zod'
import { IdempotencyKey } from '../../idempotency-key.ts'
import { EntityId } from '../../purchases/schemas.ts'
import { scopedProcedure } from '../../trpc.ts'
import { TimestampWithinYears } from '../../values.ts'
import { UserId } from '../users/user-id.ts'
import { GrantReason, grantItem, toGrantItem } from './item.ts'

const toDate = (time: string | null): Date | null => (time === null ? null : new Date(time))

const newGrant = z
  .strictObject({
    userId: UserId.refine((id) => !isReservedActor(id), 'This id is reserved for pay-to-view and its API keys'),
    entityId: EntityId,
    startsAt: TimestampWithinYears.nullable().default(null).meta({ description: 'Null starts the access now' }),
    expiresAt: TimestampWithinYears.nullable().default(null).meta({ description: 'In the future; null gives permanent access' }),
    reason: GrantReason,
    idempotencyKey: IdempotencyKey.optional(),
  })
  .refine(({ startsAt, expiresAt }) => startsAt === null || expiresAt === null || Date.parse(startsAt) < Date.parse(expiresAt), {
    path: ['expiresAt'],
    message: 'Expected a time after startsAt',
  })
  .refine(
    ({ startsAt, expiresAt }) =>
      startsAt === null || expiresAt === null || Date.parse(expiresAt) - Date.parse(startsAt) <= maxAccessMs,
    { path: ['expiresAt'], message: `Expected a time within ${maxAccessYears} years after startsAt` },
  )

/** Gives a user complimentary access: for the press, for support, or as a gift. */
export const create = scopedProcedure('grants:write')
  .meta({
    rest: {
      method: 'POST',
      path: '/admin/v1/pay-to-view/grants',
      summary: 'Grant complimentary access',
      tag: 'admin',
      statuses: [201],
      headers: { idempotencyKey: 'Idempotency-Key' },
      errors: ['idempotency_conflict'],
    },
  })
  .input(newGrant)
  .output(grantItem)
  .mutation(async ({ ctx, input: { startsAt, expiresAt, idempotencyKey = null, ...fields } }) =>
    toGrantItem(
      await ctx.services.operator.grantAccess({
        ...fields,
        ...{ startsAt: toDate(startsAt), expiresAt: toDate(expiresAt) },
        ...{ grantedBy: ctx.user.id, idempotencyKey },
      }),
    ),
  )
