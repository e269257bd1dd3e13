import { useMemo, useState } from 'react'
import { Field } from '../fields/field.tsx'
import { useInvalidFocus } from '../fields/use-invalid-focus.ts'
import { timeZoneNames } from '../time-zones.ts'
import { type PeriodError, type PeriodFields, presets } from './period.ts'

interface PeriodFormProps {
  fields: PeriodFields
  error: PeriodError | null
  /** Replaces parameters of the query string. Null removes a parameter. */
  change: (parameters: Record<string, string | null>) => void
}

/** Returns the error message if the error is about this field. */
const errorOf = (error: PeriodError | null, name: keyof PeriodFields): string | undefined =>
  error?.field === name ? error.message : undefined

/** Selects the period and the time zone. A preset or a time zone applies immediately; custom dates apply when the button is clicked. */
export const PeriodForm = ({ fields, error, change }: PeriodFormProps) => {
  const { preset, timezone, from, to } = fields
  const zones = useMemo(() => timeZoneNames(timezone), [timezone])
  const focusInvalid = useInvalidFocus(error?.message)
  const isKnown = preset === 'custom' || presets.some(({ value }) => value === preset)
  return (
    <form
      className="filters period"
      aria-label="Period"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        focusInvalid(event.currentTarget)
        const days = new FormData(event.currentTarget)
        change({ period: null, from: String(days.get('from') ?? ''), to: String(days.get('to') ?? '') })
      }}
    >
      <Field label="Period" error={errorOf(error, 'preset')}>
        {(control) => (
          <select
            {...control}
            value={preset}
            onChange={({ target: { value } }) =>
              change(value === 'custom' ? { period: null, from, to } : { period: value, from: null, to: null })
            }
          >
            {!isKnown && <option value={preset}>Unknown</option>}
            {presets.map(({ value, name }) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
            <option value="custom">Custom</option>
          </select>
        )}
      </Field>
      <Field label="Time zone" error={errorOf(error, 'timezone')}>
        {(control) => (
          <select {...control} value={timezone} onChange={({ target: { value } }) => change({ timezone: value })}>
            {zones.map((zone) => (
              <option key={zone}>{zone}</option>
            ))}
          </select>
        )}
      </Field>
      {preset === 'custom' && <CustomDays from={from} to={to} error={error} />}
    </form>
  )
}

const CustomDays = ({ from, to, error }: { from: string; to: string; error: PeriodError | null }) => {
  /** The values of the fields before they are submitted. A change to the period resets the fields. */
  const [days, setDays] = useState({ applied: `${from} ${to}`, from, to })
  if (days.applied !== `${from} ${to}`) setDays({ applied: `${from} ${to}`, from, to })
  const field = (name: 'from' | 'to', label: string) => (
    <Field label={label} error={errorOf(error, name)}>
      {(control) => (
        <input
          {...control}
          type="date"
          name={name}
          min="2000-01-01"
          max="2998-12-31"
          value={days[name]}
          onChange={({ target: { value } }) => setDays({ ...days, [name]: value })}
        />
      )}
    </Field>
  )
  return (
    <div className="row custom-period">
      {field('from', 'First day')}
      {field('to', 'Last day')}
      <button type="submit">Show</button>
    </div>
  )
}
