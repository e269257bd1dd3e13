import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useShop, useUser } from '../../context.tsx'
import { formatDateTime } from '../../format.ts'
import type { Entity } from '../catalog/search-entities.ts'
import { ConfirmDialog } from '../confirm-dialog.tsx'
import { Field } from '../fields/field.tsx'
import { newRequestId } from '../request-id.ts'
import { count, type Holders } from './cancel-entity.tsx'

const refreshMs = 2_000

interface Extension {
  days: number
  reason: string
  /** One key per dialog, so that a retry does not extend access twice. */
  idempotencyKey: string
}

/** Extends the access of everyone who has access to an entity now. */
export const ExtendAccess = ({ entity, holders }: { entity: Entity; holders: Holders }) => {
  const { client } = useShop()
  const queries = useQueryClient()
  const [extension, setExtension] = useState<Extension | null>(null)
  const extend = useMutation({
    mutationFn: (confirmed: Extension) => client.admin.entities.extend.mutate({ id: entity.id, ...confirmed }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['admin'] })
      setExtension(null)
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    extend.reset()
    const fields = new FormData(event.currentTarget)
    const reason = String(fields.get('reason')).trim()
    if (reason !== '') setExtension({ days: Number(fields.get('days')), reason, idempotencyKey: newRequestId() })
  }
  return (
    <section aria-labelledby="extend">
      <h2 id="extend">Extend all access</h2>
      <p className="muted">For everyone who has access now, such as after a failed stream.</p>
      <form className="form" onSubmit={submit}>
        <Field label="Days">
          {(control) => <input {...control} name="days" type="number" inputMode="numeric" min={1} max={36_500} required />}
        </Field>
        <Field label="Reason for the extension">
          {(control) => <input {...control} name="reason" required maxLength={500} />}
        </Field>
        <button type="submit" className="secondary">
          Extend all…
        </button>
      </form>
      <Extensions entityId={entity.id} />
      {extension && (
        <ConfirmDialog
          title={`Extend ${count(holders.active, 'grant')} by ${count(extension.days, 'day')}?`}
          action="Extend"
          isPending={extend.isPending}
          error={extend.error}
          onConfirm={() => extend.mutate(extension)}
          onClose={() => setExtension(null)}
        >
          <p>Permanent access does not change. An extension can't be undone for everyone at once.</p>
        </ConfirmDialog>
      )}
    </section>
  )
}

const Extensions = ({ entityId }: { entityId: string }) => {
  const { client } = useShop()
  const user = useUser()
  const extensions = useQuery({
    queryKey: ['admin', user, 'extensions', entityId],
    queryFn: () => client.admin.entities.extensions.query({ id: entityId }),
    refetchInterval: ({ state }) => (state.data?.items.every(({ status }) => status === 'finished') === true ? false : refreshMs),
  })
  if (!extensions.data || extensions.data.items.length === 0) return null
  return (
    <ul className="rows" aria-label="Extensions">
      {extensions.data.items.map(
        ({ extensionId, days, reason, requestedAt, requestedBy, status, total, extended, unchanged }) => (
          <li key={extensionId}>
            <div>
              <span>
                {count(days, 'day')}: {reason}
              </span>
              <small className="muted" role="status">
                {formatDateTime(requestedAt)}, {requestedBy}.{' '}
                {status === 'finished' ? `${extended} extended, ${unchanged} unchanged.` : `${extended + unchanged} of ${total}…`}
              </small>
            </div>
          </li>
        ),
      )}
    </ul>
  )
}
