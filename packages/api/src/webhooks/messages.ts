import type { WebhookMessageType } from '@pay-to-view/purchase'
import { z } from 'zod'
import { EntityId, PurchaseId, purchaseItem } from '../purchases/schemas.ts'
import { Currency, Money, Time } from '../values.ts'

const userId = z.string().meta({ description: 'Id of the user (the subject of their token)', example: 'user_4711' })
const version = z.int().meta({
  description: 'Of two messages about the same purchase or grant, the one with the higher version is newer',
  example: 4_711,
})

const purchaseData = z.object({ userId, version, ...purchaseItem.shape })

const refundData = purchaseData.extend({
  refund: z
    .object({
      refundId: z.string().meta({ example: 're_3TbkYp2eZvKYlo2C1x8q9' }),
      amount: Money,
      currency: Currency,
      status: z
        .enum(['pending', 'requires_action', 'succeeded', 'canceled', 'failed'])
        .meta({ description: "The refund's status in Stripe" }),
      requestId: z
        .string()
        .nullable()
        .meta({ description: 'The Idempotency-Key of the request; null for a refund made in Stripe' }),
      createdAt: Time,
    })
    .meta({ description: 'The refund that was created or has changed' }),
})

const accessData = z.object({
  userId,
  version,
  entityId: EntityId,
  hasAccess: z.boolean().meta({ description: 'Whether the user has access to the entity now, from this grant or any other' }),
  startsAt: Time.meta({ description: 'When the access from this grant starts' }),
  expiresAt: Time.nullable().meta({
    description: 'When the access from this grant ends, or when the grant was revoked; null for permanent access',
  }),
  source: z.enum(['purchase', 'complimentary', 'import']).meta({ description: 'The source of the grant' }),
  purchaseId: PurchaseId.nullable().meta({
    description: 'The purchase that created the grant; null for complimentary and imported access',
  }),
  grantId: z.string(),
})

const message = <Type extends string, Data extends z.ZodType>(type: Type, description: string, data: Data) =>
  z
    .object({
      type: z.literal(type),
      timestamp: Time.meta({ description: 'When the change was made; the same in every attempt' }),
      data,
    })
    .meta({ description })

/** The body of each message type. */
export const webhookMessages = {
  'purchase.completed': message(
    'purchase.completed',
    'A purchase was paid as quoted, or a free order was completed. The message is sent again if a refund fails and the purchase becomes Completed again.',
    purchaseData,
  ),
  'purchase.expired': message('purchase.expired', 'The checkout expired without a payment.', purchaseData),
  'purchase.failed': message('purchase.failed', 'A delayed payment, such as a bank debit, failed.', purchaseData),
  'purchase.refunded': message(
    'purchase.refunded',
    'A purchase was refunded in full, or the access of a free order was revoked.',
    purchaseData,
  ),
  'purchase.disputed': message('purchase.disputed', 'The cardholder has disputed the payment.', purchaseData),
  'purchase.dispute_closed': message(
    'purchase.dispute_closed',
    'A dispute ended: `status` is `Completed` if it was won and `ChargedBack` if it was lost.',
    purchaseData,
  ),
  'refund.updated': message('refund.updated', 'A full or partial refund was created, or its status changed.', refundData),
  'access.granted': message(
    'access.granted',
    'A user got access to an entity. The access may start later, at `startsAt`.',
    accessData,
  ),
  'access.changed': message('access.changed', 'A grant now starts or ends at a different time.', accessData),
  'access.revoked': message('access.revoked', 'A grant was revoked, for example by a full refund.', accessData),
} satisfies Record<WebhookMessageType, z.ZodType>

/** The message that an operator sends to test an endpoint. Endpoints cannot subscribe to its type. */
export const testMessage = message(
  'test',
  'A test message that an operator has sent.',
  z.object({ endpointId: z.string().meta({ example: 'whe_01m85eetz2e8qthwsqr5v0dh8g' }), version }),
)

type Bodies = { [Type in keyof typeof webhookMessages]: z.infer<(typeof webhookMessages)[Type]> }

/** The body of any message, discriminated by `type`. */
export type WebhookMessage = Bodies[keyof Bodies] | z.infer<typeof testMessage>
