import { problemOf } from '@pay-to-view/client'
import { ErrorText } from '../../components/notice.tsx'
import type { FieldErrors } from './field-errors.ts'

const hints: Partial<Record<string, string>> = {
  entity_in_use:
    'This title, or a channel or bundle that includes it, was sold or granted, or a checkout was started. Archive it instead: buyers keep their access.',
}

/** Explains why a catalog change was rejected. */
export const CatalogError = ({ error }: { error: unknown }) => {
  const hint = hints[problemOf(error)?.code ?? '']
  if (hint === undefined) return <ErrorText error={error} />
  return (
    <p role="alert" className="error-text">
      {hint}
    </p>
  )
}

interface FormErrorsProps {
  /** The errors shown next to the form's fields. */
  errors: FieldErrors
  /** The labels of the form's fields, by field name. */
  labels: Readonly<Record<string, string>>
  /** The request's error, or null. */
  error: unknown
}

/** Shown below a form: a list of the fields to correct, and any errors that are not about a field of the form. */
export const FormErrors = ({ errors, labels, error }: FormErrorsProps) => {
  const invalid = Object.keys(errors)
  if (invalid.length === 0) return error ? <CatalogError error={error} /> : null
  const known = invalid.flatMap((name) => labels[name] ?? [])
  const others = invalid.filter((name) => labels[name] === undefined)
  return (
    <div role="alert" className="error-text">
      {known.length > 0 && <p>Not saved. Correct these fields: {known.join(', ')}.</p>}
      {others.map((name) => (
        <p key={name}>
          {name}: {errors[name]}
        </p>
      ))}
    </div>
  )
}
