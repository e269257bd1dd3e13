import { Field } from '../fields/field.tsx'
import type { ProductDraft } from './product-draft.ts'

type Access = Pick<ProductDraft, 'access' | 'days' | 'startWithinDays' | 'watchWithinHours'>

const kinds = {
  permanent: 'Permanent',
  days: 'A number of days',
  rental: 'A rental that starts with the first playback',
} as const satisfies Record<ProductDraft['access'], string>

const hints = {
  permanent: 'Buyers keep it',
  days: 'Counted from the payment, or from “Available from” if the title is bought before that time',
  rental:
    'The hours start with the first playback. A rental that is started on the last day can still be watched for all of these hours. Buyers see both limits before they pay',
} as const satisfies Record<ProductDraft['access'], string>

interface AccessFieldProps {
  draft: Access
  error: string | undefined
  set: (fields: Partial<Access>) => void
}

/** The fields for the length of access. */
export const AccessField = ({ draft, error, set }: AccessFieldProps) => (
  <fieldset>
    <legend>Access</legend>
    <Field label="Length of access" error={error} hint={hints[draft.access]}>
      {(control) => (
        <select
          {...control}
          value={draft.access}
          onChange={({ target: { value } }) => set({ access: value === 'days' || value === 'rental' ? value : 'permanent' })}
        >
          {Object.entries(kinds).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
    {draft.access === 'days' && (
      <NumberField label="Days after the payment" value={draft.days} onChange={(days) => set({ days })} />
    )}
    {draft.access === 'rental' && (
      <>
        <NumberField
          label="Days to start watching"
          value={draft.startWithinDays}
          onChange={(startWithinDays) => set({ startWithinDays })}
        />
        <NumberField
          label="Hours to finish watching"
          value={draft.watchWithinHours}
          onChange={(watchWithinHours) => set({ watchWithinHours })}
        />
      </>
    )}
  </fieldset>
)

const NumberField = ({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) => (
  <Field label={label}>
    {(control) => (
      <input {...control} inputMode="numeric" value={value} maxLength={6} onChange={(event) => onChange(event.target.value)} />
    )}
  </Field>
)
