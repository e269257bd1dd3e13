import type { Inputs } from '@pay-to-view/client'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { ErrorText } from '../components/notice.tsx'
import { useShop } from '../context.tsx'

type Scope = Inputs['admin']['apiKeys']['create']['scopes'][number]

const scopes = [
  ['catalog:read', 'Read entities and products'],
  ['catalog:write', 'Change entities and products'],
  ['access:read', "Read users' access"],
  ['grants:write', 'Grant and revoke access'],
  ['purchases:read', 'Read purchases and alerts'],
  ['refunds:write', 'Refund and accept payments, resolve alerts'],
  ['webhooks:write', 'Manage outgoing webhooks'],
  ['reports:read', 'Read sales reports'],
] as const satisfies (readonly [Scope, string])[]

const lifetimes = [
  ['', 'Never'],
  ['30', 'In 30 days'],
  ['90', 'In 90 days'],
  ['365', 'In a year'],
] as const

const expiryOf = (days: string): string | null =>
  days === '' ? null : new Date(Date.now() + Number(days) * 86_400_000).toISOString()

interface ApiKeyFormProps {
  onCreated: (key: { name: string; secret: string }) => void
  onCancel: () => void
}

/** The form for a new API key. */
export const ApiKeyForm = ({ onCreated, onCancel }: ApiKeyFormProps) => {
  const { client } = useShop()
  const [isWithoutScope, setWithoutScope] = useState(false)
  const firstField = useRef<HTMLInputElement>(null)
  // The form replaces the button that had the focus, so the first field gets the focus.
  useEffect(() => firstField.current?.focus(), [])
  /** Set on submit, to ignore the second click of a double click, which arrives before `isPending` is updated. */
  const isSubmitted = useRef(false)
  const create = useMutation({
    mutationFn: (input: Inputs['admin']['apiKeys']['create']) => client.admin.apiKeys.create.mutate(input),
    onSuccess: ({ name, key = '' }) => onCreated({ name, secret: key }),
    onError: () => {
      isSubmitted.current = false
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    if (isSubmitted.current) return
    const form = new FormData(event.currentTarget)
    const selected = scopes.map(([scope]) => scope).filter((scope) => form.has(scope))
    setWithoutScope(selected.length === 0)
    if (selected.length === 0) return
    isSubmitted.current = true
    create.mutate({
      name: String(form.get('name') ?? ''),
      scopes: selected,
      expiresAt: expiryOf(String(form.get('lifetime') ?? '')),
    })
  }
  return (
    <form className="form" onSubmit={submit} aria-label="New API key">
      <label htmlFor="key-name">Name</label>
      <input id="key-name" name="name" ref={firstField} required maxLength={200} placeholder="The program that uses the key" />
      <fieldset aria-describedby={isWithoutScope ? 'scope-error' : undefined} onChange={() => setWithoutScope(false)}>
        <legend>Permissions</legend>
        {scopes.map(([scope, label]) => (
          <label key={scope} className="checkbox">
            <input type="checkbox" name={scope} /> {label}
          </label>
        ))}
      </fieldset>
      <label htmlFor="key-lifetime">Expires</label>
      <select id="key-lifetime" name="lifetime">
        {lifetimes.map(([days, label]) => (
          <option key={days} value={days}>
            {label}
          </option>
        ))}
      </select>
      {isWithoutScope ? (
        <p role="alert" id="scope-error" className="error-text">
          Select at least one permission
        </p>
      ) : (
        create.isError && <ErrorText error={create.error} />
      )}
      <div className="row">
        <button type="submit" disabled={create.isPending}>
          {create.isPending ? 'Creating…' : 'Create'}
        </button>
        <button type="button" className="secondary" disabled={create.isPending} onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  )
}
