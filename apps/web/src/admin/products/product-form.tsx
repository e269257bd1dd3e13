import type { Inputs } from '@pay-to-view/client'
import type { ReactNode } from 'react'
import { Field } from '../fields/field.tsx'
import type { FieldErrors } from '../fields/field-errors.ts'
import { FormErrors } from '../fields/form-errors.tsx'
import { IdField } from '../fields/id-field.tsx'
import { LocalTimeField } from '../fields/local-time-field.tsx'
import { SaveRow } from '../fields/save-row.tsx'
import { useDraftForm } from '../fields/use-draft-form.ts'
import { AccessField } from './access-field.tsx'
import { PricesField } from './prices-field.tsx'
import { emptyDraft, type Product, type ProductDraft, readDraft, readPrices, toDraft } from './product-draft.ts'
import { optionLabels, SaleOptions } from './sale-options.tsx'

const labels = {
  ...{ id: 'ID', name: 'Name', prices: 'Prices', access: 'Access', saleFrom: 'On sale from', saleUntil: 'On sale until' },
  ...{ accessDurationDays: 'Access', rental: 'Access' },
  ...optionLabels,
}

/** The field names in the API's errors, where they differ from the names in the form. */
const errorNames: Partial<Record<string, string>> = { days: 'access', startWithinDays: 'access', watchWithinHours: 'access' }

interface ProductFormProps {
  /** The stored product; null for a new product. */
  product: Product | null
  /** The number of entities for which the product is offered. The API stops counting at 1,000. */
  offerCount?: number
  isSaving: boolean
  error: unknown
  onSave: (product: Inputs['admin']['products']['put']) => void
  children?: ReactNode
}

/** The form with all fields of a product. Changes do not affect open checkouts, which keep their quote. */
export const ProductForm = ({ product, offerCount = 0, isSaving, error, onSave, children }: ProductFormProps) => {
  const { draft, errors, currentError, set, submit } = useDraftForm<ProductDraft>({
    initialDraft: () => (product ? toDraft(product) : emptyDraft),
    read: (current) => {
      const result = readDraft(current, product)
      return 'errors' in result ? result : { save: () => onSave(result.product) }
    },
    errorNames,
    requestError: error,
  })
  const hasNewPrice = product !== null && JSON.stringify(readPrices(draft.prices)) !== JSON.stringify(pricesOf(product))
  return (
    <form className="form wide" onSubmit={submit} noValidate aria-label={product ? 'Edit' : 'New product'}>
      {product === null && (
        <IdField label={labels.id} example="rental-30" value={draft.id} error={errors.id} onChange={(id) => set({ id })} />
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
      <SaleOptions draft={draft} errors={errors} set={set} />
      <FormErrors errors={errors} labels={labels} error={currentError} />
      <SaveRow isSaving={isSaving}>{children}</SaveRow>
    </form>
  )
}

const pricesOf = ({ prices }: Product) => prices.map(({ amount, currency }) => ({ amount, currency }))

/** Formats the number of titles. The API stops counting at 1,000. */
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
      <LocalTimeField
        key={name}
        label={labels[name]}
        hint="Blank = no limit"
        value={draft[name]}
        error={errors[name]}
        onChange={(time) => set({ [name]: time })}
      />
    ))}
  </>
)
