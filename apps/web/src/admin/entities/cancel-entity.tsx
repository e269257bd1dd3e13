import type { Outputs } from '@pay-to-view/client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useShop } from '../../context.tsx'
import type { Entity } from '../catalog/search-entities.ts'
import { ConfirmDialog } from '../confirm-dialog.tsx'
import { Field } from '../fields/field.tsx'

export type Holders = Outputs['admin']['entities']['holders']

export const count = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`

/** Cancels an entity after a confirmation that says who is affected. */
export const CancelEntity = ({ entity, holders }: { entity: Entity; holders: Holders }) => {
  const { client } = useShop()
  const queries = useQueryClient()
  const [reason, setReason] = useState<string | null>(null)
  const [isMissing, setMissing] = useState(false)
  const cancel = useMutation({
    mutationFn: (confirmed: string) => client.admin.entities.cancel.mutate({ id: entity.id, reason: confirmed }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['admin'] })
      setReason(null)
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    cancel.reset()
    const text = String(new FormData(event.currentTarget).get('reason')).trim()
    setMissing(text === '')
    setReason(text === '' ? null : text)
  }
  const { buyers, openCheckouts, otherGrants, disputed } = holders
  return (
    <section aria-labelledby="cancel">
      <h2 id="cancel">Cancel and refund</h2>
      <p className="muted">Stops the sale, refunds every buyer and ends all access. This can't be undone.</p>
      <form className="form" onSubmit={submit} noValidate>
        <Field label="Reason" hint="Stored with each refund" error={isMissing ? 'Enter a reason' : undefined}>
          {(control) => <input {...control} name="reason" maxLength={500} />}
        </Field>
        <button type="submit" className="secondary">
          Cancel and refund…
        </button>
      </form>
      {reason !== null && (
        <ConfirmDialog
          title={`Cancel ${entity.title} and refund ${count(buyers, 'buyer')}?`}
          action="Cancel and refund"
          dismiss="Keep it"
          isPending={cancel.isPending}
          error={cancel.error}
          onConfirm={() => cancel.mutate(reason)}
          onClose={() => setReason(null)}
        >
          <ul>
            <li>{count(buyers, 'purchase')} will be refunded. If a purchase was free, its access ends.</li>
            <li>{count(openCheckouts, 'open checkout')} will be closed. A payment that arrives later is refunded.</li>
            <li>Free and imported access ({otherGrants}) will end.</li>
            {disputed > 0 && <li>{count(disputed, 'disputed payment')} will not be refunded: the bank decides the dispute.</li>}
            <li>Buyers of a channel or bundle that contains this title are not refunded.</li>
          </ul>
        </ConfirmDialog>
      )}
    </section>
  )
}
