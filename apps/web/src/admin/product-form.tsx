import type { Inputs } from '@pay-to-view/client'
import { type FormEvent, useId, useState } from 'react'
import { majorUnits, minorUnits } from '../format.ts'
import { tell } from '../problem.ts'

type Fields = Inputs['admin']['products']['create']

/** A new product, or a change of one. Checkouts that are open keep what was quoted. */
export const ProductForm = ({
  product,
  error,
  onSave,
  onCancel,
}: {
  product?: Fields
  error: unknown
  onSave: (fields: Fields) => void
  onCancel: () => void
}) => {
  const id = useId()
  const [wrong, setWrong] = useState<string | null>(null)
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = (name: string) => String(form.get(name) ?? '').trim()
    const currency = text('currency').toLowerCase()
    const amount = /^[a-z]{3}$/.test(currency) ? minorUnits(text('price'), currency) : null
    const days = text('days')
    if (amount === null) setWrong('Expected a price such as 4.99, and a currency such as USD')
    else if (days !== '' && !/^\d+$/.test(days)) setWrong('Expected whole days, or nothing')
    else {
      setWrong(null)
      onSave({ name: text('name'), amount, currency, accessDurationDays: days === '' ? null : Number(days) })
    }
  }
  const told = wrong ?? (error ? `${tell(error).title}. ${tell(error).detail}` : null)
  return (
    <form className="form panel" onSubmit={submit} aria-label={product ? `Change ${product.name}` : 'New product'}>
      <label htmlFor={`${id}name`}>Name</label>
      <input id={`${id}name`} name="name" defaultValue={product?.name} required maxLength={200} />
      <label htmlFor={`${id}price`}>Price</label>
      <input
        id={`${id}price`}
        name="price"
        inputMode="decimal"
        required
        defaultValue={product && majorUnits(product.amount, product.currency)}
      />
      <label htmlFor={`${id}currency`}>Currency</label>
      <input
        id={`${id}currency`}
        name="currency"
        required
        maxLength={3}
        defaultValue={(product?.currency ?? 'usd').toUpperCase()}
      />
      <label htmlFor={`${id}days`}>Days of access; nothing for no end</label>
      <input id={`${id}days`} name="days" inputMode="numeric" defaultValue={product?.accessDurationDays ?? ''} />
      {told !== null && (
        <p role="alert" className="wrong">
          {told}
        </p>
      )}
      <div className="row">
        <button type="submit">Save</button>
        <button type="button" className="quiet" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  )
}
