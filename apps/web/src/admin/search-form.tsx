import { type ChangeEvent, type FormEvent, useState } from 'react'
import { useLocation, useSearchParams } from 'wouter'
import { purchasePath } from '../paths.ts'
import { EntityField } from './entity-field.tsx'
import { ExportButton } from './export-button.tsx'
import { LinkedFilters } from './linked-filters.tsx'
import { isPurchaseId, statuses } from './search-filter.ts'
import { statusText } from './status-text.ts'

export const SearchForm = () => {
  const [search, setSearch] = useSearchParams()
  const [, navigate] = useLocation()
  /** The values of the fields before they are submitted. A change to the query string resets the fields. */
  const [fields, setFields] = useState({ query: search.toString(), values: Object.fromEntries(search) })
  if (fields.query !== search.toString()) setFields({ query: search.toString(), values: Object.fromEntries(search) })
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const filled = Object.entries(fields.values).flatMap(([name, value]) => (value.trim() === '' ? [] : [[name, value.trim()]]))
    const purchaseId = filled.find(([name, value]) => name === 'payment' && isPurchaseId(value ?? ''))
    if (purchaseId) navigate(purchasePath(purchaseId[1] ?? ''))
    else setSearch(new URLSearchParams(filled))
  }
  const field = (name: string) => ({
    name,
    value: fields.values[name] ?? '',
    onChange: ({ currentTarget }: ChangeEvent<HTMLInputElement | HTMLSelectElement>) =>
      setFields({ ...fields, values: { ...fields.values, [name]: currentTarget.value } }),
  })
  const clear = (): void => {
    setFields({ ...fields, values: {} })
    setSearch(new URLSearchParams())
  }
  return (
    <form className="filters" onSubmit={submit}>
      <label>
        User
        <input {...field('user')} placeholder="Beginning of the user ID" maxLength={200} spellCheck={false} />
      </label>
      <label>
        Purchase or payment
        <input {...field('payment')} placeholder="Purchase ID or pi_…" maxLength={400} spellCheck={false} />
      </label>
      <label>
        Status
        <select {...field('status')}>
          <option value="">Any</option>
          {statuses.map((status) => (
            <option key={status} value={status}>
              {statusText(status)}
            </option>
          ))}
        </select>
      </label>
      <label>
        From
        <input type="date" max="9998-12-31" {...field('from')} />
      </label>
      <label>
        To
        <input type="date" max="9998-12-31" {...field('to')} />
      </label>
      <label>
        Promotion code
        <input {...field('code')} maxLength={200} spellCheck={false} />
      </label>
      <label>
        Country
        <input {...field('country')} placeholder="Two letters, such as DE" maxLength={60} spellCheck={false} />
      </label>
      <label>
        Currency
        <input {...field('currency')} placeholder="Three letters, such as EUR" maxLength={60} spellCheck={false} />
      </label>
      <EntityField
        entityId={fields.values.entity ?? ''}
        onChange={(entity) => setFields({ ...fields, values: { ...fields.values, entity } })}
      />
      <LinkedFilters
        values={fields.values}
        clear={(name) => setFields({ ...fields, values: { ...fields.values, [name]: '' } })}
      />
      <div className="row">
        <button type="submit">Search</button>
        <button type="button" className="secondary" onClick={clear}>
          Clear
        </button>
        <ExportButton fields={new URLSearchParams(fields.values)} />
      </div>
    </form>
  )
}
