import type { Outputs } from '@pay-to-view/client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useShop } from '../context.tsx'
import { money } from '../format.ts'
import { Confirm } from './confirm.tsx'
import { Done } from './done.tsx'

/** For a payment that is not what was quoted: take it for good. */
export const Accept = ({ purchase }: { purchase: Outputs['admin']['purchases']['get'] }) => {
  const { client } = useShop()
  const queries = useQueryClient()
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const accept = useMutation({
    mutationFn: () => client.admin.purchases.accept.mutate({ id: purchase.purchaseId, reason: reason.trim() || undefined }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['admin'] })
      setAsking(false)
    },
  })
  if (purchase.mismatch === null) return <Done>{accept.isSuccess ? 'Accepted: the access is there.' : null}</Done>
  return (
    <section className="notice bad" aria-labelledby="mismatch">
      <h2 id="mismatch">The payment is not what was quoted</h2>
      <p>
        Quoted {money(purchase.amount, purchase.currency)}, paid{' '}
        {money(purchase.amountPaid, purchase.currencyPaid ?? purchase.currency)}; what differs: {purchase.mismatch}. There is no
        access yet: accept it, or refund it below.
      </p>
      <button type="button" onClick={() => setAsking(true)}>
        Accept …
      </button>
      {asking && (
        <Confirm
          title="Accept this payment?"
          action="Accept the payment"
          pending={accept.isPending}
          error={accept.error}
          onConfirm={() => accept.mutate()}
          onClose={() => setAsking(false)}
        >
          <p>
            {purchase.userId} gets the access to {purchase.entityTitle} that was bought.
          </p>
          <div className="form">
            <label htmlFor="accept-reason">Reason</label>
            <input
              id="accept-reason"
              value={reason}
              maxLength={500}
              placeholder="For the record"
              onChange={(event) => setReason(event.target.value)}
            />
          </div>
        </Confirm>
      )}
    </section>
  )
}
