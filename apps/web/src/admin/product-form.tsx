import type { Inputs } from '@pay-to-view/client'
import { type FormEvent, useEffect, useId, useRef, useState } from 'react'
import { majorUnits, minorUnits } from '../format.ts'
import { tell } from '../problem.ts'

type Fields = Inputs['admin']['products']['create']

/** A new product, or a change of one. Checkouts that are open keep what was quoted. */
export const ProductForm = ({
  product,
  saving,
  error,
  onSave,
  onCancel,
}: {
  product?: Fields
  saving: boolean
  error: unknown
  onSave: (fields: Fields) => void
  onCancel: () => void
}) => {
  const id = useId()
  const [wrong, setWrong] = useState<string | null>(null)
  const first = useRef<HTMLInputElement>(null)
  // The button that had the focus is gone.
  useEffect(() => first.current?.focus(), [])
  /** `saving` is known a moment after the click: too late for the second of a double one. */
  const sent = useRef(false)
  useEffect(() => {
    if (error) sent.current = false
  }, [error])
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    if (sent.current) return
    const form = new FormData(event.currentTarget)
    const text = (name: string) => String(form.get(name) ?? '').trim()
    const currency = text('currency').toLowerCase()
    const amount = /^[a-z]{3}$/.test(currency) ? minorUnits(text('price'), currency) : null
    const days = text('days')
    if (amount === null) setWrong('Expected a price such as 4.99, and a currency such as USD')
    else if (days !== '' && !/^\d+$/.test(days)) setWrong('Expected whole days, or nothing')
    else {
      setWrong(null)
      sent.current = true
      onSave({ name: text('name'), amount, currency, accessDurationDays: days === '' ? null : Number(days) })
    }
  }
  const told = wrong ?? (error ? `${tell(error).title}. ${tell(error).detail}` : null)
  return (
    <form className="form panel" onSubmit={submit} aria-label={product ? `Change ${product.name}` : 'New product'}>
      <label htmlFor={`${id}name`}>Name</label>
      <input ref={first} id={`${id}name`} name="name" defaultValue={product?.name} required maxLength={200} />
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
        <button type="submit" disabled={saving}>
          {saving ? 'Saving …' : 'Save'}
        </button>
        <button type="button" className="quiet" disabled={saving} onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  )
}
