import { problemOf } from '@pay-to-view/client'

/** Messages by field name. */
export type FieldErrors = Partial<Record<string, string>>

/** Thrown when the page rejects the fields of a form before it sends the request. */
export class InvalidFieldsError extends Error {
  override name = 'InvalidFieldsError'
  readonly errors: FieldErrors

  constructor(errors: FieldErrors) {
    super('Some fields are invalid')
    this.errors = errors
  }
}

/** Returns the errors except for fields that have changed since. */
export const withoutFields = (errors: FieldErrors, changed: ReadonlySet<string>): FieldErrors =>
  Object.fromEntries(Object.entries(errors).filter(([name]) => !changed.has(name)))

/** Returns an error's messages by form field: `prices.0.amount` of a response belongs to `prices`. */
export const fieldErrorsOf = (error: unknown): FieldErrors => {
  if (error instanceof InvalidFieldsError) return error.errors
  const fields = problemOf(error)?.errors ?? []
  const errors: FieldErrors = {}
  for (const { field, message } of fields) {
    const [name = field] = field.split(/[.[]/)
    errors[name] ??= message
  }
  return errors
}
