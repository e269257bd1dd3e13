import { problemOf } from '@pay-to-view/client'

/** Error messages by field name. The name of a nested field is its path, such as `playback.path`. */
export type FieldErrors = Partial<Record<string, string>>

/** Thrown when the page rejects a form before it sends the request. */
export class InvalidFieldsError extends Error {
  override name = 'InvalidFieldsError'
  readonly errors: FieldErrors

  constructor(errors: FieldErrors) {
    super('Some fields are invalid')
    this.errors = errors
  }
}

const firstPart = (path: string): string => path.split(/[.[]/)[0] ?? path

/** Returns the errors, except those of fields that the user has changed since the errors were reported. */
export const withoutFields = (errors: FieldErrors, changed: ReadonlySet<string>): FieldErrors =>
  Object.fromEntries(Object.entries(errors).filter(([name]) => !changed.has(name) && !changed.has(firstPart(name))))

/**
 * Returns an error's messages by form field. An API error at `prices.0.amount` is shown at the `prices` field, unless the form
 * has a separate field for that path.
 */
export const fieldErrorsOf = (error: unknown, hasField = (_path: string): boolean => false): FieldErrors => {
  if (error instanceof InvalidFieldsError) return error.errors
  const fields = problemOf(error)?.errors ?? []
  const errors: FieldErrors = {}
  for (const { field, message } of fields) {
    const name = hasField(field) ? field : firstPart(field)
    errors[name] ??= message
  }
  return errors
}
