import type { Outputs } from '@pay-to-view/client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useShop } from '../context.tsx'
import { formatMoney } from '../format.ts'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { mismatchText } from './mismatch-text.ts'
import { SuccessMessage } from './success-message.tsx'

/** Lets an operator accept a payment that does not match its quote. */
export const AcceptPayment = ({ purchase }: { purchase: Outputs['admin']['purchases']['get'] }) => {
  const { client } = useShop()
  const queries = useQueryClient()
  const [isConfirming, setConfirming] = useState(false)
  const [reason, setReason] = useState('')
  const accept = useMutation({
    mutationFn: () => client.admin.purchases.accept.mutate({ id: purchase.purchaseId, reason: reason.trim() || undefined }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['admin'] })
      setConfirming(false)
    },
  })
  if (purchase.mismatch === null)
    return <SuccessMessage>{accept.isSuccess ? 'Payment accepted. Access granted.' : null}</SuccessMessage>
  return (
    <section className="notice bad" aria-labelledby="mismatch">
      <h2 id="mismatch">The payment doesn't match the quote</h2>
      <p>
        {mismatchText(purchase.mismatch)} Quoted {formatMoney(purchase.amount, purchase.currency)}, paid{' '}
        {formatMoney(purchase.amountPaid, purchase.currencyPaid ?? purchase.currency)}. Access has not been granted yet. Accept
        the payment, or refund it below.
      </p>
      <button type="button" onClick={() => setConfirming(true)}>
        Accept…
      </button>
      {isConfirming && (
        <ConfirmDialog
          title="Accept this payment?"
          action="Accept payment"
          isPending={accept.isPending}
          error={accept.error}
          onConfirm={() => accept.mutate()}
          onClose={() => setConfirming(false)}
        >
          <p>
            {purchase.userId} will get access to {purchase.entityTitle}.
          </p>
          <div className="form">
            <label htmlFor="accept-reason">Reason</label>
            <input
              id="accept-reason"
              value={reason}
              maxLength={500}
              placeholder="Internal only"
              onChange={(event) => setReason(event.target.value)}
            />
          </div>
        </ConfirmDialog>
      )}
    </section>
  )
}
