import { Field } from '../fields/field.tsx'
import type { FieldErrors } from '../fields/field-errors.ts'
import type { ProductDraft } from './product-draft.ts'

type Options = Pick<ProductDraft, 'taxCode' | 'taxBehavior' | 'allowPromotionCodes' | 'maxStreams' | 'keepsRemovedMembers'>

const taxBehaviors = {
  '': 'Default: included in the price',
  inclusive: 'Included in the price',
  exclusive: 'Added to the price',
} as const satisfies Record<ProductDraft['taxBehavior'], string>

export const optionLabels = {
  ...{ taxCode: 'Tax code', taxBehavior: 'Tax', allowPromotionCodes: 'Promotion codes', maxStreams: 'Screens' },
  keepsRemovedMembers: 'Removed titles',
}

interface SaleOptionsProps {
  draft: Options
  errors: FieldErrors
  set: (fields: Partial<Options>) => void
}

/** The product's options for tax, promotion codes, simultaneous streams and removed members. */
export const SaleOptions = ({ draft, errors, set }: SaleOptionsProps) => (
  <>
    <Field
      label={optionLabels.taxCode}
      hint="Stripe's code, such as txcd_10402000 for streamed films. Blank = your account's default"
      error={errors.taxCode}
    >
      {(control) => (
        <input {...control} value={draft.taxCode} maxLength={20} onChange={(event) => set({ taxCode: event.target.value })} />
      )}
    </Field>
    <Field label={optionLabels.taxBehavior} error={errors.taxBehavior}>
      {(control) => (
        <select
          {...control}
          value={draft.taxBehavior}
          onChange={({ target: { value } }) => set({ taxBehavior: value === 'inclusive' || value === 'exclusive' ? value : '' })}
        >
          {Object.entries(taxBehaviors).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
    <Field
      label={optionLabels.maxStreams}
      hint="The number of screens on which a buyer may play at the same time. Blank = the server's limit"
      error={errors.maxStreams}
    >
      {(control) => (
        <input
          {...control}
          inputMode="numeric"
          value={draft.maxStreams}
          maxLength={4}
          onChange={(event) => set({ maxStreams: event.target.value })}
        />
      )}
    </Field>
    <label className="checkbox">
      <input
        type="checkbox"
        checked={draft.allowPromotionCodes}
        onChange={(event) => set({ allowPromotionCodes: event.target.checked })}
      />{' '}
      Buyers can enter promotion codes
    </label>
    <label className="checkbox">
      <input
        type="checkbox"
        checked={draft.keepsRemovedMembers}
        onChange={(event) => set({ keepsRemovedMembers: event.target.checked })}
      />{' '}
      Buyers of a channel or bundle keep the titles that are removed from it later
    </label>
  </>
)
