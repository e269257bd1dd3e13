import type { Db } from '@pay-to-view/db'
import { smallestStep } from '@pay-to-view/purchase'
import type { PurchaseClient } from '@pay-to-view/workflow-client/client'
import { UnknownOutcomeError, UpdateUnconfirmed } from '@pay-to-view/workflow-client/errors'
import type { ErrorCode } from '../../error-table.ts'
import { ApiError } from '../../errors.ts'
import { requirePurchase } from './require-purchase.ts'
import type { PurchaseCommands } from './types.ts'

/** Maps the workflow's rejections to the API's error codes. Any other rejection comes from Stripe and becomes `refund_refused`. */
const rejectionCodes: Record<string, ErrorCode> = {
  not_paid: 'not_paid',
  already_refunded: 'already_refunded',
  charged_back: 'charged_back',
  disputed: 'disputed',
  idempotency_conflict: 'idempotency_conflict',
  refund_failed: 'refund_failed',
}

/** The error for a refund that the workflow or Stripe has rejected. */
export const refundError = (rejected: string): ApiError => new ApiError(rejectionCodes[rejected] ?? 'refund_refused')

/** The errors for amounts that are the caller's mistake. */
const amountErrors = {
  amount_too_large: async (db: Db, id: string): Promise<ApiError> => {
    const { amountPaid, amountRefunded, currency } = await readPayment(db, id)
    const message =
      amountPaid === 0
        ? 'Expected no amount: nothing was paid for this order'
        : `Expected at most ${amountPaid - amountRefunded}, in minor units of ${currency}. Omit \`amount\` to refund the remaining amount`
    return new ApiError('amount_too_large', { field: 'amount', message })
  },
  amount_not_a_multiple: async (db: Db, id: string): Promise<ApiError> => {
    const { currency } = await readPayment(db, id)
    const message = `Expected a multiple of ${smallestStep(currency)}, in minor units of ${currency}, because Stripe accepts no other amounts`
    return new ApiError('validation', { field: 'amount', message })
  },
}

const readPayment = async (db: Db, id: string) => {
  const { amountPaid, amountRefunded, currencyPaid, currency } = await db.purchase.findUniqueOrThrow({
    where: { id },
    select: { amountPaid: true, amountRefunded: true, currencyPaid: true, currency: true },
  })
  return { amountPaid, amountRefunded, currency: currencyPaid ?? currency }
}

const isAmountError = (rejected: string): rejected is keyof typeof amountErrors => rejected in amountErrors

export const refundPurchase =
  ({ db, purchases }: { db: Db; purchases: PurchaseClient }): PurchaseCommands['refund'] =>
  async ({ id, amount, reason, requestId }, admin) => {
    const purchase = await requirePurchase(db, id)
    const request = {
      requestId: requestId ?? crypto.randomUUID(),
      amount: amount ?? null,
      reason: reason || null,
      by: admin.id,
    }
    const outcome = await purchases.refund(purchase, request).catch((error: unknown) => {
      if (!(error instanceof UnknownOutcomeError)) throw error
      // A full refund, or a request with the caller's key, can safely be repeated while a service is unavailable.
      const isRepeatable = requestId !== undefined || amount === undefined
      if (isRepeatable && !(error instanceof UpdateUnconfirmed)) throw error
      throw new ApiError('refund_unconfirmed', { field: 'requestId', message: `Expected ${request.requestId}` })
    })
    if ('response' in outcome) return outcome.response
    const { rejected } = outcome
    throw isAmountError(rejected) ? await amountErrors[rejected](db, id) : refundError(rejected)
  }
