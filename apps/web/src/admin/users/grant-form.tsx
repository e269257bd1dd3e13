import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useShop } from '../../context.tsx'
import { EntityChoice } from '../entity-field.tsx'
import { Field } from '../fields/field.tsx'
import type { FieldErrors } from '../fields/field-errors.ts'
import { FormErrors } from '../fields/form-errors.tsx'
import { fromLocalTime } from '../fields/local-time.ts'
import { LocalTimeField } from '../fields/local-time-field.tsx'
import { useDraftForm } from '../fields/use-draft-form.ts'
import { newRequestId } from '../request-id.ts'
import { SuccessMessage } from '../success-message.tsx'
import { useReturnFocus } from '../use-return-focus.ts'

interface GrantDraft {
  entityId: string
  startsAt: string
  expiresAt: string
  reason: string
}

const emptyDraft: GrantDraft = { entityId: '', startsAt: '', expiresAt: '', reason: '' }

const labels = { entityId: 'Title', startsAt: 'Starts', expiresAt: 'Ends', reason: 'Reason' }

const readErrors = ({ entityId, startsAt, expiresAt, reason }: GrantDraft): FieldErrors => ({
  ...(entityId === '' && { entityId: 'Select a title' }),
  ...(reason.trim() === '' && { reason: 'Enter a reason' }),
  ...(startsAt !== '' && expiresAt !== '' && expiresAt <= startsAt && { expiresAt: 'Enter a time after the start' }),
})

/** Gives a user complimentary access: for the press, for support, or as a gift. A button opens the form. */
export const GrantForm = ({ userId }: { userId: string }) => {
  const [isOpen, setOpen] = useState(false)
  const [done, setDone] = useState<string | null>(null)
  // After a grant, the success message has the focus, not the button.
  const openButton = useReturnFocus(isOpen || done !== null)
  return (
    <section aria-labelledby="grant-access">
      <h2 id="grant-access">Give free access</h2>
      <SuccessMessage>{done}</SuccessMessage>
      {isOpen ? (
        <OpenGrantForm
          userId={userId}
          onDone={(text) => {
            setOpen(false)
            setDone(text)
          }}
          onClose={() => setOpen(false)}
        />
      ) : (
        <p>
          <button
            ref={openButton}
            type="button"
            className="secondary"
            onClick={() => {
              setDone(null)
              setOpen(true)
            }}
          >
            Give free access…
          </button>
        </p>
      )}
    </section>
  )
}

interface OpenGrantFormProps {
  userId: string
  onDone: (text: string) => void
  onClose: () => void
}

const OpenGrantForm = ({ userId, onDone, onClose }: OpenGrantFormProps) => {
  const { client } = useShop()
  const queries = useQueryClient()
  /** One key per form, so a retry after a lost response does not grant access twice. */
  const [idempotencyKey] = useState(newRequestId)
  const [titleOfEntity, setTitleOfEntity] = useState('')
  const grant = useMutation({
    mutationFn: (draft: GrantDraft) =>
      client.admin.grants.create.mutate({
        ...{ userId, entityId: draft.entityId, reason: draft.reason.trim(), idempotencyKey },
        ...{ startsAt: fromLocalTime(draft.startsAt, null), expiresAt: fromLocalTime(draft.expiresAt, null) },
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['admin'] })
      onDone(`Free access to ${titleOfEntity} granted.`)
    },
  })
  const { draft, errors, currentError, set, submit } = useDraftForm<GrantDraft>({
    initialDraft: () => emptyDraft,
    read: (current) => {
      const invalid = readErrors(current)
      return Object.keys(invalid).length > 0 ? { errors: invalid } : { save: () => grant.mutate(current) }
    },
    errorNames: {},
    requestError: grant.error,
  })
  return (
    <form className="form wide" onSubmit={submit} noValidate aria-labelledby="grant-access">
      <EntityChoice
        entityId={draft.entityId}
        error={errors.entityId}
        onChange={(entityId, title) => {
          setTitleOfEntity(title)
          set({ entityId })
        }}
      />
      <LocalTimeField
        label={labels.startsAt}
        hint="Blank = now"
        value={draft.startsAt}
        error={errors.startsAt}
        onChange={(startsAt) => set({ startsAt })}
      />
      <LocalTimeField
        label={labels.expiresAt}
        hint="Blank = permanent access"
        value={draft.expiresAt}
        error={errors.expiresAt}
        onChange={(expiresAt) => set({ expiresAt })}
      />
      <Field label={labels.reason} hint="Internal only" error={errors.reason}>
        {(control) => (
          <input {...control} value={draft.reason} maxLength={500} onChange={(event) => set({ reason: event.target.value })} />
        )}
      </Field>
      <FormErrors errors={errors} labels={labels} error={currentError} />
      <div className="row">
        <button type="submit" aria-disabled={grant.isPending}>
          {grant.isPending ? 'Saving…' : 'Give access'}
        </button>
        <button type="button" className="secondary" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  )
}
