import { alertSeverity } from '@pay-to-view/db'
import { z } from 'zod'
import { ApiError } from '../../errors.ts'
import { EntityId, PurchaseId, PurchaseStatus } from '../../purchases/schemas.ts'
import { scopedProcedure } from '../../trpc.ts'
import { Money, Time } from '../../values.ts'
import { AlertSeverity } from '../alerts/schemas.ts'
import { adminPurchaseItem, toAdminPurchaseItem } from './search.ts'

const details = adminPurchaseItem.extend({
  sessionId: z.string().nullable(),
  checkoutDeadline: Time,
  accessDurationDays: z.int().nullable(),
  isRenewal: z.boolean().meta({ description: 'Whether the purchase was made to continue access that the user already had' }),
  links: z.object({ workflow: z.string().nullable(), checkout: z.string().nullable(), payment: z.string().nullable() }),
  timeline: z.array(
    z.object({ at: Time, fromStatus: PurchaseStatus, toStatus: PurchaseStatus, cause: z.unknown(), note: z.string().nullable() }),
  ),
  withdrawal: z
    .array(z.object({ at: Time, step: z.enum(['requested', 'confirmed', 'refused']), reason: z.string().nullable() }))
    .meta({
      description: 'The steps that the buyer took to withdraw from the contract (CONSENT=eu), and why a step was refused',
    }),
  refunds: z.array(
    z.object({ id: z.string(), amount: Money, status: z.string(), requestId: z.string().nullable(), createdAt: Time }),
  ),
  refundRequests: z
    .array(
      z.object({
        requestId: z.string(),
        amount: Money.nullable(),
        reason: z.string().nullable(),
        requestedBy: z.string(),
        createdAt: Time,
        refundId: z.string().nullable(),
        error: z.string().nullable().meta({ description: 'Why the refund was rejected' }),
        answeredAt: Time.nullable(),
      }),
    )
    .meta({ description: 'Refunds requested through pay-to-view' }),
  grants: z.array(
    z.object({
      grantId: z.string(),
      entityId: EntityId,
      startsAt: Time,
      expiresAt: Time.nullable().meta({ description: 'Null for permanent access' }),
      firstPlayedAt: Time.nullable(),
      extendedUntil: Time.nullable().meta({ description: "An operator's extension" }),
      revokedAt: Time.nullable(),
      revokedBy: z.string().nullable(),
      revokedReason: z.string().nullable(),
    }),
  ),
  disputes: z.array(
    z.object({
      id: z.string(),
      amount: Money,
      status: z.string(),
      blocksRefund: z.boolean().meta({ description: 'Stripe does not allow a refund of the payment while this dispute is open' }),
    }),
  ),
  events: z
    .array(z.object({ id: z.string(), type: z.string(), createdAt: Time, appliedAt: Time.nullable(), source: z.string() }))
    .meta({ description: 'Stripe events of the purchase, the first 200' }),
  alerts: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      severity: AlertSeverity,
      detail: z.unknown(),
      at: Time,
      dueAt: Time.nullable(),
      resolvedAt: Time.nullable(),
      resolvedBy: z.string().nullable(),
      note: z.string().nullable(),
    }),
  ),
})

/** All details of one purchase, with its timeline. */
export const get = scopedProcedure('purchases:read')
  .meta({
    rest: {
      method: 'GET',
      path: '/admin/v1/pay-to-view/purchases/{id}',
      summary: 'Get a purchase with its timeline',
      tag: 'admin',
      errors: ['purchase_not_found'],
    },
  })
  .input(z.strictObject({ id: PurchaseId }))
  .output(details)
  .query(async ({ ctx, input }) => {
    const row = await ctx.services.reads.operatorPurchase(input.id)
    if (!row) throw new ApiError('purchase_not_found', { field: 'id' })
    const { sessionId, accessDurationDays, isRenewal } = row
    return {
      ...toAdminPurchaseItem(row),
      ...{ sessionId, accessDurationDays, isRenewal },
      checkoutDeadline: row.checkoutDeadline.toISOString(),
      links: ctx.services.buildLinks(row),
      timeline: row.changes.map((change) => ({ ...change, at: change.at.toISOString() })),
      withdrawal: row.withdrawalSteps.map((step) => ({ ...step, at: step.at.toISOString() })),
      refunds: row.refunds.map((refund) => ({ ...refund, createdAt: refund.createdAt.toISOString() })),
      refundRequests: row.refundRequests.map((request) => ({
        ...request,
        createdAt: request.createdAt.toISOString(),
        answeredAt: request.respondedAt?.toISOString() ?? null,
      })),
      grants: row.grants.map(
        ({ id: grantId, entityId, startsAt, expiresAt, firstPlayedAt, extendedUntil, revokedAt, revokedBy, revokedReason }) => ({
          ...{ grantId, entityId, revokedBy, revokedReason },
          extendedUntil: extendedUntil?.toISOString() ?? null,
          startsAt: startsAt.toISOString(),
          expiresAt: expiresAt?.toISOString() ?? null,
          firstPlayedAt: firstPlayedAt?.toISOString() ?? null,
          revokedAt: revokedAt?.toISOString() ?? null,
        }),
      ),
      disputes: row.disputes,
      events: row.events.map(({ id, type, createdAt, appliedAt, source }) => ({
        ...{ id, type, source },
        createdAt: createdAt.toISOString(),
        appliedAt: appliedAt?.toISOString() ?? null,
      })),
      alerts: row.alerts.map(({ id, at, dueAt, resolvedAt, ...alert }) => ({
        ...alert,
        id: String(id),
        severity: alertSeverity(alert.kind),
        at: at.toISOString(),
        dueAt: dueAt?.toISOString() ?? null,
        resolvedAt: resolvedAt?.toISOString() ?? null,
      })),
    }
  })
