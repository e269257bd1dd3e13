import type { Status } from '@pay-to-view/purchase'
import type { z } from 'zod'
import type { createInput, createResult, refundInput, refundResult } from './schemas.ts'

export type CreateInput = z.infer<typeof createInput>
export type CreateResult = z.infer<typeof createResult>
export type RefundInput = z.infer<typeof refundInput>
export type RefundResult = z.infer<typeof refundResult>

export interface Accepted {
  success: true
  purchaseId: string
  status: Status
  hasAccess: boolean
}

/** What changes something. Errors are `ApiError`s, or those of Stripe, Temporal and Postgres when they are away. */
export interface PurchaseCommands {
  create(input: CreateInput, user: { id: string }): Promise<CreateResult>
  refund(input: RefundInput, by: { id: string }): Promise<RefundResult>
  /** Gives access for a payment that is not what was quoted. */
  accept(input: { id: string; reason?: string | undefined }, by: { id: string }): Promise<Accepted>
}
