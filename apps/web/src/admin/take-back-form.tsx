import type { Outputs } from '@pay-to-view/client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useShop } from '../context.tsx'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { newRequestId } from './request-id.ts'
import { SuccessMessage } from './success-message.tsx'

type Purchase = Outputs['admin']['purchases']['get']

interface TakeBackRequest {
  reason: string | undefined
  /** Idempotency key, one per dialog. */
  requestId: string
}

/** Ends the access of a free order. Nothing was paid, so nothing is refunded. */
export const TakeBackForm = ({ purchase }: { purchase: Purchase }) => {
  const { client } = useShop()
  const queries = useQueryClient()
  const [request, setRequest] = useState<TakeBackRequest | null>(null)
  const takeBack = useMutation({
    mutationFn: (confirmed: TakeBackRequest) => client.admin.purchases.refund.mutate({ id: purchase.purchaseId, ...confirmed }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['admin'] })
      setRequest(null)
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    takeBack.reset()
    const reason = String(new FormData(event.currentTarget).get('reason')).trim() || undefined
    setRequest({ reason, requestId: newRequestId() })
  }
  const success = <SuccessMessage>{takeBack.isSuccess ? 'Access taken back.' : null}</SuccessMessage>
  if (purchase.status === 'Refunded') return success
  return (
    <section aria-labelledby="take-back">
      <h2 id="take-back">Take back access</h2>
      {success}
      <p>This order was free, so there is nothing to refund.</p>
      <form className="form" onSubmit={submit}>
        <label htmlFor="take-back-reason">Reason</label>
        <input id="take-back-reason" name="reason" maxLength={500} placeholder="Internal only" />
        <button type="submit">Take back access…</button>
      </form>
      {request && (
        <ConfirmDialog
          title="Take back access?"
          action="Take back access"
          isPending={takeBack.isPending}
          error={takeBack.error}
          onConfirm={() => takeBack.mutate(request)}
          onClose={() => setRequest(null)}
        >
          <p>
            {purchase.userId} will lose access to {purchase.entityTitle}.
          </p>
        </ConfirmDialog>
      )}
    </section>
  )
}
