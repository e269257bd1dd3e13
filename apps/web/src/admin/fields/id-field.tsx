import { Field } from './field.tsx'

interface IdFieldProps {
  label: string
  example: string
  value: string
  error: string | undefined
  onChange: (id: string) => void
}

/** The field for a new object's id, which the site can choose. */
export const IdField = ({ label, example, value, error, onChange }: IdFieldProps) => (
  <Field
    label={label}
    hint={`Your own ID, such as ${example}. Leave it blank to generate one. It cannot be changed later`}
    error={error}
  >
    {(control) => (
      <input {...control} value={value} maxLength={128} spellCheck={false} onChange={(event) => onChange(event.target.value)} />
    )}
  </Field>
)
