import { problemOf } from '@pay-to-view/client'
import { ErrorText } from '../../components/notice.tsx'
import type { FieldErrors } from './field-errors.ts'

const hints: Partial<Record<string, string>> = {
  entity_in_use: 'This title, or a channel or bundle that includes it, was sold. Archive it instead: buyers keep their access.',
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
  /** The errors that the form shows next to its fields. */
  errors: FieldErrors
  /** The names of the form's fields, with their labels. */
  labels: Readonly<Record<string, string>>
  /** The error of the request, or null. */
  error: unknown
}

/** Shown below a form: the fields to correct, and errors about fields that the form does not have. */
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
