import { checkPrice, formatMoney, type Price } from '@pay-to-view/purchase'
import { type FormEvent, type InputHTMLAttributes, type Ref, useEffect, useId, useRef, useState } from 'react'
import { ErrorText } from '../components/notice.tsx'
import { amountFieldValue, hasThousandsSeparator, parseAmount } from '../format.ts'

/** The fields of the form. `amount` is in minor units. */
export interface ProductFields {
  name: string
  amount: number
  currency: string
  accessDurationDays: number | null
}

/** Says why Stripe cannot charge a price; null if it can. */
const describeRejection = (price: Price): string | null => {
  const rejection = checkPrice(price)
  if (rejection === null) return null
  switch (rejection.rejected) {
    case 'unsupported_currency':
      return `Stripe cannot charge in ${price.currency.toUpperCase()}. Enter another currency, such as USD`
    case 'below_minimum':
      return `Enter at least ${formatMoney(rejection.minimum, price.currency)}, the minimum at Stripe`
    case 'above_maximum':
      return `Enter at most ${formatMoney(rejection.maximum, price.currency)}, the maximum at Stripe`
    case 'not_a_multiple':
      return `Enter a multiple of ${formatMoney(rejection.step, price.currency)}. Stripe accepts no other amounts`
    default:
      return rejection satisfies never
  }
}

/** Parses the form. Returns an error message if a field is invalid. */
const parseFields = (form: FormData): ProductFields | string => {
  const text = (name: string) => String(form.get(name) ?? '').trim()
  const currency = text('currency').toLowerCase()
  const amount = /^[a-z]{3}$/.test(currency) ? parseAmount(text('price'), currency) : null
  const days = text('days')
  if (amount === null) {
    return hasThousandsSeparator(text('price'))
      ? 'Enter the price without a thousands separator, and use a point for decimals, such as 1250.00'
      : 'Enter a price such as 4.99 and a currency such as USD'
  }
  const rejection = describeRejection({ amount, currency })
  if (rejection !== null) return rejection
  if (days !== '' && !/^\d+$/.test(days)) return 'Enter a whole number of days, or leave the field blank'
  return { name: text('name'), amount, currency, accessDurationDays: days === '' ? null : Number(days) }
}

const maxListedTitles = 5

/** Creates or edits a product. Open checkouts keep their quote. */
export const ProductForm = ({
  product,
  titles = [],
  titleCount = titles.length,
  isSaving,
  error,
  onSave,
  onCancel,
}: {
  product?: ProductFields
  /** The titles that are sold at the price of the product. */
  titles?: string[]
  titleCount?: number
  isSaving: boolean
  error: unknown
  onSave: (fields: ProductFields) => void
  onCancel: () => void
}) => {
  const [validationError, setValidationError] = useState<string | null>(null)
  const firstField = useRef<HTMLInputElement>(null)
  // The form replaces the button that had the focus.
  useEffect(() => firstField.current?.focus(), [])
  /** Blocks the second click of a double click, which comes before `isSaving` is updated. */
  const isSubmitted = useRef(false)
  useEffect(() => {
    if (error) isSubmitted.current = false
  }, [error])
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    if (isSubmitted.current) return
    const fields = parseFields(new FormData(event.currentTarget))
    if (typeof fields === 'string') {
      setValidationError(fields)
      return
    }
    setValidationError(null)
    isSubmitted.current = true
    onSave(fields)
  }
  return (
    <form className="form" onSubmit={submit} aria-label={product ? `Edit ${product.name}` : 'New product'}>
      <Field ref={firstField} label="Name" name="name" defaultValue={product?.name} required maxLength={200} />
      <Field
        label="Price"
        name="price"
        inputMode="decimal"
        required
        defaultValue={product && amountFieldValue(product.amount, product.currency)}
      />
      {titleCount > 1 && (
        <p className="muted">
          A new price applies to {titleCount} titles: <bdi>{titles.slice(0, maxListedTitles).join(', ')}</bdi>
          {titleCount > maxListedTitles && ` and ${titleCount - maxListedTitles} more`}.
        </p>
      )}
      <Field label="Currency" name="currency" required maxLength={3} defaultValue={(product?.currency ?? 'usd').toUpperCase()} />
      <Field
        label="Access length in days (blank = permanent)"
        name="days"
        inputMode="numeric"
        defaultValue={product?.accessDurationDays ?? ''}
      />
      {validationError !== null ? (
        <p role="alert" className="error-text">
          {validationError}
        </p>
      ) : (
        Boolean(error) && <ErrorText error={error} />
      )}
      <div className="row">
        <button type="submit" disabled={isSaving}>
          {isSaving ? 'Saving …' : 'Save'}
        </button>
        <button type="button" className="secondary" disabled={isSaving} onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  )
}

const Field = ({ label, ...input }: { label: string; ref?: Ref<HTMLInputElement> } & InputHTMLAttributes<HTMLInputElement>) => {
  const id = useId()
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <input id={id} {...input} />
    </>
  )
}
