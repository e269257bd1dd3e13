import type { Inputs, Outputs } from '@pay-to-view/client'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { ErrorText } from '../../components/notice.tsx'
import { useShop } from '../../context.tsx'
import { useSubmitOnce } from '../fields/use-submit-once.ts'
import { selectableTypes, selectedTypes, typeLabel } from './message-types.ts'

export type Endpoint = Outputs['admin']['webhookEndpoints']['get']
type Fields = Pick<Inputs['admin']['webhookEndpoints']['create'], 'url' | 'events' | 'description'>

interface EndpointFormProps {
  /** The endpoint to edit, or null to create one. */
  endpoint: Endpoint | null
  onSaved: (saved: { endpoint: Endpoint; secret: string | null }) => void
  onCancel: () => void
}

/** Creates or changes an endpoint. */
export const EndpointForm = ({ endpoint, onSaved, onCancel }: EndpointFormProps) => {
  const { client } = useShop()
  const firstField = useRef<HTMLInputElement>(null)
  // The form replaces the button that had the focus, so the first field gets the focus.
  useEffect(() => firstField.current?.focus(), [])
  const [isWithoutType, setWithoutType] = useState(false)
  const save = useMutation({
    mutationFn: async (fields: Fields) => {
      if (endpoint)
        return { endpoint: await client.admin.webhookEndpoints.update.mutate({ id: endpoint.id, ...fields }), secret: null }
      const { secret = null, ...created } = await client.admin.webhookEndpoints.create.mutate(fields)
      return { endpoint: created, secret }
    },
    onSuccess: onSaved,
  })
  const submitOnce = useSubmitOnce(save.error)
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const events = selectedTypes(form)
    setWithoutType(events.length === 0)
    if (events.length === 0) return
    const [url, description] = ['url', 'description'].map((name) => String(form.get(name) ?? '').trim())
    submitOnce(() => save.mutate({ url: url ?? '', description: description ?? '', events }))
  }
  return (
    <form className="form" onSubmit={submit} aria-label={endpoint ? 'Change the endpoint' : 'New endpoint'}>
      <label htmlFor="endpoint-url">URL</label>
      <input
        id="endpoint-url"
        name="url"
        type="url"
        ref={firstField}
        required
        maxLength={2_048}
        defaultValue={endpoint?.url}
        placeholder="https://www.example.com/hooks"
      />
      <label htmlFor="endpoint-description">Description</label>
      <input
        id="endpoint-description"
        name="description"
        maxLength={500}
        defaultValue={endpoint?.description}
        placeholder="The system that receives the messages"
      />
      <fieldset aria-describedby={isWithoutType ? 'type-error' : undefined} onChange={() => setWithoutType(false)}>
        <legend>Messages</legend>
        {selectableTypes.map((type) => (
          <label key={type} className="checkbox">
            <input type="checkbox" name={type} defaultChecked={endpoint ? endpoint.events.includes(type) : type === '*'} />{' '}
            {typeLabel(type)}
          </label>
        ))}
      </fieldset>
      {isWithoutType ? (
        <p role="alert" id="type-error" className="error-text">
          Select at least one message type
        </p>
      ) : (
        save.isError && <ErrorText error={save.error} />
      )}
      <div className="row">
        <button type="submit" disabled={save.isPending}>
          {save.isPending ? 'Saving…' : 'Save'}
        </button>
        <button type="button" className="secondary" disabled={save.isPending} onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  )
}
