import type { Inputs } from '@pay-to-view/client'
import { type FormEvent, type ReactNode, useState } from 'react'
import { Field } from '../fields/field.tsx'
import { type FieldErrors, fieldErrorsOf, withoutFields } from '../fields/field-errors.ts'
import { FormErrors } from '../fields/form-errors.tsx'
import { timeZoneHint } from '../fields/local-time.ts'
import { useSubmitOnce } from '../fields/use-submit-once.ts'
import { AccessField } from './access-field.tsx'
import { PricesField } from './prices-field.tsx'
import { emptyDraft, type Product, type ProductDraft, readDraft, readPrices, toDraft } from './product-draft.ts'

const labels = {
  ...{ id: 'ID', name: 'Name', prices: 'Prices', access: 'Access', saleFrom: 'On sale from', saleUntil: 'On sale until' },
  ...{ accessDurationDays: 'Access', rental: 'Access' },
}

/** The fields of the form whose errors have another name. */
const errorNames: Partial<Record<string, string>> = { days: 'access', startWithinDays: 'access', watchWithinHours: 'access' }

interface ProductFormProps {
  /** The stored product; null for a new one. */
  product: Product | null
  /** How many entities the product is offered for, counted up to 1,000. */
  offerCount?: number
  isSaving: boolean
  error: unknown
  onSave: (product: Inputs['admin']['products']['put']) => void
  children?: ReactNode
}

/** All fields of a product. Open checkouts keep their quote. */
export const ProductForm = ({ product, offerCount = 0, isSaving, error, onSave, children }: ProductFormProps) => {
  const [draft, setDraft] = useState(() => (product ? toDraft(product) : emptyDraft))
  const [invalid, setInvalid] = useState<FieldErrors | null>(null)
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set())
  const errors = withoutFields(invalid ?? fieldErrorsOf(error), changed)
  const submitOnce = useSubmitOnce(error)
  const set = (fields: Partial<ProductDraft>): void => {
    setDraft({ ...draft, ...fields })
    setChanged(new Set([...changed, ...Object.keys(fields).map((name) => errorNames[name] ?? name)]))
  }
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    setChanged(new Set())
    const read = readDraft(draft, product)
    if ('errors' in read) {
      setInvalid(read.errors)
      return
    }
    setInvalid(null)
    submitOnce(() => onSave(read.product))
  }
  const hasNewPrice = product !== null && JSON.stringify(readPrices(draft.prices)) !== JSON.stringify(pricesOf(product))
  return (
    <form className="form wide" onSubmit={submit} noValidate aria-label={product ? 'Edit' : 'New product'}>
      {product === null && (
        <Field
          label={labels.id}
          hint="Your own ID, such as rental-30. Blank = we create one. It cannot change later"
          error={errors.id}
        >
          {(control) => (
            <input
              {...control}
              value={draft.id}
              maxLength={128}
              spellCheck={false}
              onChange={(event) => set({ id: event.target.value })}
            />
          )}
        </Field>
      )}
      <Field label={labels.name} error={errors.name}>
        {(control) => (
          <input
            {...control}
            dir="auto"
            value={draft.name}
            maxLength={400}
            onChange={(event) => set({ name: event.target.value })}
          />
        )}
      </Field>
      <PricesField
        prices={draft.prices}
        error={errors.prices}
        hint={hasNewPrice && offerCount > 1 ? `A new price applies to all ${countText(offerCount)} with this product.` : null}
        onChange={(prices) => set({ prices })}
      />
      <AccessField draft={draft} error={errors.access ?? errors.accessDurationDays ?? errors.rental} set={set} />
      <SaleWindow draft={draft} errors={errors} set={set} />
      <FormErrors errors={errors} labels={labels} error={invalid || changed.size > 0 ? null : error} />
      <div className="row">
        <button type="submit" aria-disabled={isSaving}>
          {isSaving ? 'Saving …' : 'Save'}
        </button>
        {children}
      </div>
    </form>
  )
}

const pricesOf = ({ prices }: Product) => prices.map(({ amount, currency }) => ({ amount, currency }))

/** The API counts up to 1,000. */
export const countText = (offerCount: number): string => {
  if (offerCount >= 1_000) return 'titles (1,000 or more)'
  return `${new Intl.NumberFormat('en').format(offerCount)} ${offerCount === 1 ? 'title' : 'titles'}`
}

interface SaleWindowProps {
  draft: ProductDraft
  errors: FieldErrors
  set: (fields: Partial<ProductDraft>) => void
}

const SaleWindow = ({ draft, errors, set }: SaleWindowProps) => (
  <>
    {(['saleFrom', 'saleUntil'] as const).map((name) => (
      <Field key={name} label={labels[name]} hint={`${timeZoneHint}. Blank = no limit`} error={errors[name]}>
        {(control) => (
          <input
            {...control}
            type="datetime-local"
            max="9998-12-31T23:59"
            value={draft[name]}
            onChange={(event) => set({ [name]: event.target.value })}
          />
        )}
      </Field>
    ))}
  </>
)
