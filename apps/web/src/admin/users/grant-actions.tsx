import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useShop } from '../../context.tsx'
import { formatTimestamp } from '../../format.ts'
import { ConfirmDialog } from '../confirm-dialog.tsx'
import { Field } from '../fields/field.tsx'
import { type FieldErrors, fieldErrorsOf, InvalidFieldsError } from '../fields/field-errors.ts'
import { fromLocalTime, toLocalTime } from '../fields/local-time.ts'
import { LocalTimeField } from '../fields/local-time-field.tsx'
import { SuccessMessage } from '../success-message.tsx'
import { withLocalTimes } from '../timeline-text.ts'
import { type Grant, isExtendable } from './grant-row.tsx'

interface Action {
  kind: 'extend' | 'revoke'
  grant: Grant
  /** The title of the entity. */
  title: string
}

/** Renders grants whose buttons open a dialog, and shows the result of the action. The children get the function that opens the dialog. */
export const GrantActions = ({ children }: { children: (start: (action: Action) => void) => ReactNode }) => {
  const [action, setAction] = useState<Action | null>(null)
  const [done, setDone] = useState<string | null>(null)
  const finish = (text: string): void => {
    setAction(null)
    setDone(text)
  }
  const dialog = { onDone: finish, onClose: () => setAction(null) }
  return (
    <>
      <SuccessMessage>{done}</SuccessMessage>
      {children((next) => {
        setDone(null)
        setAction(next)
      })}
      {action?.kind === 'extend' && <ExtendDialog {...action} {...dialog} />}
      {action?.kind === 'revoke' && <RevokeDialog {...action} {...dialog} />}
    </>
  )
}

/** The action buttons of a grant. Access from a purchase has no button to revoke it: the operator refunds the purchase on the purchase page. */
export const GrantButtons = ({ grant, title, start }: Omit<Action, 'kind'> & { start: (action: Action) => void }) => (
  <>
    {isExtendable(grant) && (
      <button type="button" className="secondary" onClick={() => start({ kind: 'extend', grant, title })}>
        {grant.source === 'purchase' ? 'Extend' : 'Change expiry'}…<span className="visually-hidden"> {title}</span>
      </button>
    )}
    {grant.source !== 'purchase' && grant.revokedAt === null && (
      <button type="button" className="secondary" onClick={() => start({ kind: 'revoke', grant, title })}>
        Revoke…<span className="visually-hidden"> {title}</span>
      </button>
    )}
  </>
)

interface DialogProps extends Omit<Action, 'kind'> {
  onDone: (text: string) => void
  onClose: () => void
}

/** The field errors of the dialog. Null if the request itself failed. */
const missingFields = (error: Error | null): FieldErrors | null => (error instanceof InvalidFieldsError ? error.errors : null)

const dayMs = 86_400_000

/** A day after the current end of access, or a day from now if the access has already ended. */
const suggestedEnd = ({ expiresAt, startsAt }: Grant): string =>
  toLocalTime(new Date(Math.max(Date.now(), Date.parse(expiresAt ?? startsAt)) + dayMs).toISOString())

const ExtendDialog = ({ grant, title, onDone, onClose }: DialogProps) => {
  const { client } = useShop()
  const queries = useQueryClient()
  const isBought = grant.source === 'purchase'
  const isUnstarted = isUnstartedRental(grant)
  const [end, setEnd] = useState(() => suggestedEnd(grant))
  const extend = useMutation({
    mutationFn: () => {
      const expiresAt = fromLocalTime(end, grant.expiresAt)
      if (isBought && expiresAt === null) throw new InvalidFieldsError({ expiresAt: 'Enter a time' })
      return client.admin.grants.extend.mutate({ grantId: grant.grantId, expiresAt })
    },
    onSuccess: async ({ expiresAt }) => {
      await queries.invalidateQueries({ queryKey: ['admin'] })
      onDone(
        `${title}: ${expiresAt === null ? 'permanent access' : `${isUnstarted ? 'can be started' : 'access'} until ${formatTimestamp(expiresAt)}`}.`,
      )
    },
  })
  const fieldError = fieldErrorsOf(extend.error).expiresAt
  return (
    <ConfirmDialog
      title={isBought ? 'Extend access' : 'Change the expiry'}
      action={isBought ? 'Extend' : 'Change'}
      isPending={extend.isPending}
      error={fieldError === undefined ? extend.error : null}
      onConfirm={() => extend.mutate()}
      onClose={onClose}
    >
      <p>
        <bdi>{grant.userId}</bdi> {isUnstarted ? 'can start' : 'has access to'} <bdi>{title}</bdi>{' '}
        {grant.expiresAt === null ? 'permanently' : `until ${formatTimestamp(grant.expiresAt)}`}. {extendNote(grant)}
      </p>
      <div className="form">
        <LocalTimeField
          label="New expiry"
          hint={isBought ? 'Later than the current expiry' : 'Blank = permanent access'}
          value={end}
          error={fieldError && withLocalTimes(fieldError)}
          onChange={(value) => {
            extend.reset()
            setEnd(value)
          }}
        />
      </div>
    </ConfirmDialog>
  )
}

const isUnstartedRental = ({ watchWithinHours, firstPlayedAt }: Grant): boolean =>
  watchWithinHours !== null && firstPlayedAt === null

const extendNote = (grant: Grant): string => {
  if (grant.source !== 'purchase') return 'If a renewal follows, its start and expiry shift by the same amount.'
  return isUnstartedRental(grant)
    ? 'The rental has not been started. The new expiry is the deadline for starting it.'
    : 'Nothing is charged.'
}

const RevokeDialog = ({ grant, title, onDone, onClose }: DialogProps) => {
  const { client } = useShop()
  const queries = useQueryClient()
  const [reason, setReason] = useState('')
  const revoke = useMutation({
    mutationFn: () => {
      if (reason.trim() === '') throw new InvalidFieldsError({ reason: 'Enter a reason' })
      return client.admin.grants.revoke.mutate({ grantId: grant.grantId, reason: reason.trim() })
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['admin'] })
      onDone(`${title}: revoked.`)
    },
  })
  const missing = missingFields(revoke.error)
  return (
    <ConfirmDialog
      title="Revoke access?"
      action="Revoke access"
      isPending={revoke.isPending}
      error={missing ? null : revoke.error}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    >
      <p>
        <bdi>{grant.userId}</bdi> immediately loses this access to <bdi>{title}</bdi>. Other access, for example from a purchase,
        is kept.
      </p>
      <div className="form">
        <Field label="Reason" hint="Internal only" error={missing?.reason}>
          {(control) => (
            <input
              {...control}
              value={reason}
              maxLength={500}
              onChange={(event) => {
                revoke.reset()
                setReason(event.target.value)
              }}
            />
          )}
        </Field>
      </div>
    </ConfirmDialog>
  )
}
