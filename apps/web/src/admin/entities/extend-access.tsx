import { maxAccessDays } from '@pay-to-view/purchase'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useShop, useUser } from '../../context.tsx'
import { formatDateTime, formatNumber } from '../../format.ts'
import type { Entity } from '../catalog/search-entities.ts'
import { ConfirmDialog } from '../confirm-dialog.tsx'
import { Field } from '../fields/field.tsx'
import type { FieldErrors } from '../fields/field-errors.ts'
import { newRequestId } from '../request-id.ts'
import { SuccessMessage } from '../success-message.tsx'
import { count, type Holders } from './cancel-entity.tsx'

const refreshMs = 2_000

interface Extension {
  days: number
  reason: string
  /** One key per dialog, so a retry does not extend access twice. */
  idempotencyKey: string
}

const readErrors = (days: number, reason: string): FieldErrors => ({
  ...(!(Number.isInteger(days) && days >= 1 && days <= maxAccessDays) && {
    days: `Enter a whole number from 1 to ${formatNumber(maxAccessDays)}`,
  }),
  ...(reason === '' && { reason: 'Enter a reason' }),
})

/** Extends access for everyone who has access to the entity now. */
export const ExtendAccess = ({ entity, holders }: { entity: Entity; holders: Holders }) => {
  const { client } = useShop()
  const queries = useQueryClient()
  const [extension, setExtension] = useState<Extension | null>(null)
  const [errors, setErrors] = useState<FieldErrors>({})
  const [requestCount, setRequestCount] = useState(0)
  const extend = useMutation({
    mutationFn: (confirmed: Extension) => client.admin.entities.extend.mutate({ id: entity.id, ...confirmed }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['admin'] })
      setRequestCount((requests) => requests + 1)
      setExtension(null)
    },
  })
  const success = extend.data ? `Extension by ${count(extend.data.days, 'day')} requested.` : null
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    extend.reset()
    const fields = new FormData(event.currentTarget)
    const [days, reason] = [Number(fields.get('days')), String(fields.get('reason')).trim()]
    const invalid = readErrors(days, reason)
    setErrors(invalid)
    if (Object.keys(invalid).length === 0) setExtension({ days, reason, idempotencyKey: newRequestId() })
  }
  return (
    <section aria-labelledby="extend">
      <h2 id="extend">Extend all access</h2>
      <p className="muted">For everyone who has access now, for example after a failed stream.</p>
      <SuccessMessage>{success}</SuccessMessage>
      {/* After a successful request, the key changes, which clears the fields. This prevents a second, accidental request for the same extension. */}
      <form className="form" onSubmit={submit} key={requestCount} noValidate>
        <Field label="Days" error={errors.days}>
          {(control) => <input {...control} name="days" inputMode="numeric" maxLength={6} />}
        </Field>
        <Field label="Reason for the extension" error={errors.reason}>
          {(control) => <input {...control} name="reason" maxLength={500} />}
        </Field>
        <button type="submit" className="secondary">
          Extend all…
        </button>
      </form>
      <Extensions entityId={entity.id} />
      {extension && (
        <ConfirmDialog
          title={`Extend access by ${count(extension.days, 'day')}?`}
          action="Extend"
          isPending={extend.isPending}
          error={extend.error}
          onConfirm={() => extend.mutate(extension)}
          onClose={() => setExtension(null)}
        >
          <p>
            Purchases and free access that are active now: {holders.active}. Permanent access does not change. An extension for
            everyone can't be undone in one step.
          </p>
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
