import { Field } from './field.tsx'
import { timeZoneHint } from './local-time.ts'

interface LocalTimeFieldProps {
  label: string
  /** Shown after the time zone's name. */
  hint: string
  value: string
  error: string | undefined
  onChange: (localTime: string) => void
}

/** A field for a time in the browser's time zone. */
export const LocalTimeField = ({ label, hint, value, error, onChange }: LocalTimeFieldProps) => (
  <Field label={label} hint={`${timeZoneHint}. ${hint}`} error={error}>
    {(control) => (
      <input
        {...control}
        type="datetime-local"
        max="9998-12-31T23:59"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    )}
  </Field>
)
