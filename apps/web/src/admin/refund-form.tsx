import type { Outputs } from '@pay-to-view/client'
import { needsResponse } from '@pay-to-view/purchase'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useShop } from '../context.tsx'
import { amountFieldValue, formatMoney, hasThousandsSeparator, parseAmount, smallestStep } from '../format.ts'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { newRequestId } from './request-id.ts'
import { SuccessMessage } from './success-message.tsx'
import { useOtherAccess } from './use-other-access.ts'

type Purchase = Outputs['admin']['purchases']['get']

/** The refund that the operator confirms. Exactly this refund is sent, even if another operator refunds the purchase at the same time. */
interface RefundRequest {
  amount: number
  isFull: boolean
  reason: string | undefined
  /** Idempotency key, one per dialog, so a retry after a lost response never refunds twice. */
  requestId: string
}

/** Refunds a purchase in full or in part. */
export const RefundForm = ({ purchase }: { purchase: Purchase }) => {
  const { client } = useShop()
  const queries = useQueryClient()
  const [request, setRequest] = useState<RefundRequest | null>(null)
  const [validationError, setValidationError] = useState<string | null>(null)
  const hasOtherAccess = useOtherAccess(purchase)
  const currency = purchase.currencyPaid ?? purchase.currency
  const refundable = purchase.amountPaid - purchase.amountRefunded
  const refund = useMutation({
    mutationFn: ({ amount, reason, requestId }: RefundRequest) =>
      client.admin.purchases.refund.mutate({ id: purchase.purchaseId, amount, reason, requestId }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['admin'] })
      setRequest(null)
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = String(form.get('amount'))
    const amount = parseAmount(text, currency)
    if (amount === null || amount < 1 || amount > refundable) {
      const hint = amount === null && hasThousandsSeparator(text) ? ', without a thousands separator' : ''
      setValidationError(`Enter an amount up to ${formatMoney(refundable, currency)}${hint}`)
      return
    }
    const step = smallestStep(currency)
    if (amount % step !== 0) {
      setValidationError(`Enter a multiple of ${formatMoney(step, currency)}. Stripe accepts no other amounts`)
      return
    }
    setValidationError(null)
    refund.reset()
    const reason = String(form.get('reason')).trim() || undefined
    setRequest({ amount, isFull: amount === refundable, reason, requestId: newRequestId() })
  }
  const success = (
    <SuccessMessage>{refund.data ? `Refunded: ${formatMoney(refund.data.amount, currency)}.` : null}</SuccessMessage>
  )
  if (refundable <= 0 || purchase.status === 'ChargedBack') return success
  const blocking = purchase.disputes.filter(({ blocksRefund }) => blocksRefund)
  if (blocking.length > 0) {
    return (
      <>
        {success}
        <section aria-labelledby="refund">
          <h2 id="refund">Refund</h2>
          <p>Stripe does not allow a refund during the dispute. {disputeAdvice(blocking)}</p>
        </section>
      </>
    )
  }
  return (
    <section aria-labelledby="refund">
      <h2 id="refund">Refund</h2>
      {success}
      <form className="form" onSubmit={submit} key={refundable}>
        <label htmlFor="refund-amount">Amount in {currency.toUpperCase()}</label>
        <input
          id="refund-amount"
          name="amount"
          inputMode="decimal"
          defaultValue={amountFieldValue(refundable, currency)}
          aria-invalid={validationError !== null}
          aria-describedby={validationError === null ? undefined : 'refund-error'}
        />
        {validationError !== null && (
          <p role="alert" className="error-text" id="refund-error">
            {validationError}
          </p>
        )}
        <label htmlFor="refund-reason">Reason</label>
        <input id="refund-reason" name="reason" maxLength={500} placeholder="Internal only" />
        <button type="submit">Refund…</button>
      </form>
      {request && (
        <ConfirmDialog
          title={`Refund ${formatMoney(request.amount, currency)}?`}
          action={`Refund ${formatMoney(request.amount, currency)}`}
          isPending={refund.isPending}
          error={refund.error}
          onConfirm={() => refund.mutate(request)}
          onClose={() => setRequest(null)}
        >
          <p>
            {purchase.userId} will receive {formatMoney(request.amount, currency)} for {purchase.entityTitle}.{' '}
            {consequence(request, { hasAccess: purchase.hasAccess, hasOtherAccess })}
          </p>
        </ConfirmDialog>
      )}
    </section>
  )
}

const disputeAdvice = (disputes: Purchase['disputes']): string =>
  disputes.some(({ status }) => needsResponse(status))
    ? "Submit the evidence on this page, or accept the dispute in Stripe's dashboard to return the money."
    : 'The evidence was submitted. The bank will decide.'

interface UserAccess {
  /** Whether this purchase gives access. */
  hasAccess: boolean
  /** Whether the user has access without this purchase. Undefined until it is known. */
  hasOtherAccess: boolean | undefined
}

const consequence = ({ isFull }: RefundRequest, { hasAccess, hasOtherAccess }: UserAccess): string => {
  if (!isFull) return hasAccess ? 'Partial refund; access is kept.' : 'Partial refund.'
  if (!hasAccess) return 'Full refund.'
  if (hasOtherAccess === undefined) return 'Full refund; access through this purchase ends.'
  return hasOtherAccess
    ? 'Full refund; access through this purchase ends. Other access, such as a renewal, is kept.'
    : 'Full refund; access ends.'
}
