import type { Outputs } from '@pay-to-view/client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useShop } from '../context.tsx'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { newRequestId } from './request-id.ts'
import { SuccessMessage } from './success-message.tsx'
import { useOtherAccess } from './use-other-access.ts'

type Purchase = Outputs['admin']['purchases']['get']

interface RevokeRequest {
  reason: string | undefined
  /** Idempotency key, one per dialog. */
  requestId: string
}

/** Ends the access of a free order. Nothing was paid, so nothing is refunded. */
export const RevokeForm = ({ purchase }: { purchase: Purchase }) => {
  const { client } = useShop()
  const queries = useQueryClient()
  const [request, setRequest] = useState<RevokeRequest | null>(null)
  const hasOtherAccess = useOtherAccess(purchase)
  const revoke = useMutation({
    mutationFn: (confirmed: RevokeRequest) => client.admin.purchases.refund.mutate({ id: purchase.purchaseId, ...confirmed }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['admin'] })
      setRequest(null)
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    revoke.reset()
    const reason = String(new FormData(event.currentTarget).get('reason')).trim() || undefined
    setRequest({ reason, requestId: newRequestId() })
  }
  const success = <SuccessMessage>{revoke.isSuccess ? 'Access revoked.' : null}</SuccessMessage>
  if (purchase.status === 'Refunded') return success
  return (
    <section aria-labelledby="revoke-access">
      <h2 id="revoke-access">Revoke access</h2>
      {success}
      <p>This order was free, so there is nothing to refund.</p>
      <form className="form" onSubmit={submit}>
        <label htmlFor="revoke-access-reason">Reason</label>
        <input id="revoke-access-reason" name="reason" maxLength={500} placeholder="Internal only" />
        <button type="submit">Revoke access…</button>
      </form>
      {request && (
        <ConfirmDialog
          title="Revoke access?"
          action="Revoke access"
          isPending={revoke.isPending}
          error={revoke.error}
          onConfirm={() => revoke.mutate(request)}
          onClose={() => setRequest(null)}
        >
          <p>
            {purchase.userId} will lose {hasOtherAccess === false ? 'access' : 'this access'} to {purchase.entityTitle}.
            {hasOtherAccess === true && ' Other access, for example from a purchase, is kept.'}
          </p>
        </ConfirmDialog>
      )}
    </section>
  )
}
