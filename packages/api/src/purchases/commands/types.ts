import type { Status } from '@pay-to-view/purchase'
import type { z } from 'zod'
import type { createInput, createResult, refundInput, refundResult, withdrawInput, withdrawResult } from '../schemas.ts'

export type CreateInput = z.infer<typeof createInput>
export type CreateResult = z.infer<typeof createResult>
/**
 * The user who creates a purchase. `email` comes from the token; it is null if the token contains no address. E-mails about the purchase
 * are written in `language`.
 */
export interface CreateUser {
  id: string
  email: string | null
  language?: string | null
}

export type RefundInput = z.infer<typeof refundInput>
export type RefundResult = z.infer<typeof refundResult>

export type WithdrawInput = z.infer<typeof withdrawInput>
export type WithdrawResult = z.infer<typeof withdrawResult>

export interface AcceptInput {
  id: string
  reason?: string | undefined
}

export interface AcceptResult {
  success: true
  purchaseId: string
  status: Status
  hasAccess: boolean
}

/**
 * The commands that change a purchase. They throw `ApiError`s, or the original error from Stripe, Temporal or Postgres if that service is
 * unavailable.
 */
export interface PurchaseCommands {
  create(input: CreateInput, user: CreateUser): Promise<CreateResult>
  refund(input: RefundInput, admin: { id: string }): Promise<RefundResult>
  /** Withdraws the buyer from the contract, or previews the withdrawal. */
  withdraw(input: WithdrawInput, user: { id: string }): Promise<WithdrawResult>
  /** Grants access for a payment that does not match its quote. */
  accept(input: AcceptInput, admin: { id: string }): Promise<AcceptResult>
}
