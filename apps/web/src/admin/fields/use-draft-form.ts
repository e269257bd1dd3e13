import { type FormEvent, useState } from 'react'
import { type FieldErrors, fieldErrorsOf, withoutFields } from './field-errors.ts'
import { useInvalidFocus } from './use-invalid-focus.ts'
import { useSubmitOnce } from './use-submit-once.ts'

interface DraftFormOptions<Draft> {
  /** Called once, on the first render. */
  initialDraft: () => Draft
  /** Returns the errors to correct, or a function that saves the draft. */
  read: (draft: Draft) => { errors: FieldErrors } | { save: () => void }
  /** The field names in the API's errors, where they differ from the names in the form. */
  errorNames: Partial<Record<string, string>>
  /** Whether the form has a separate field for a path such as `playback.path`. */
  hasField?: (path: string) => boolean
  /** The latest request's error, or null. */
  requestError: unknown
  /** A change to this number allows the form to be submitted again. */
  attempt?: number
}

/** The state of a form. A field's error, from the form or from the request, is shown until the user changes the field. */
export const useDraftForm = <Draft extends object>({
  initialDraft,
  read,
  errorNames,
  hasField,
  requestError,
  attempt,
}: DraftFormOptions<Draft>) => {
  const [draft, setDraft] = useState(initialDraft)
  const [invalid, setInvalid] = useState<FieldErrors | null>(null)
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set())
  const submitOnce = useSubmitOnce(requestError, attempt)
  const focusInvalid = useInvalidFocus(invalid ?? requestError)
  return {
    draft,
    errors: withoutFields(invalid ?? fieldErrorsOf(requestError, hasField), changed),
    /** The request's error, unless the form has since been changed or failed validation. */
    currentError: invalid || changed.size > 0 ? null : requestError,
    set: (fields: Partial<Draft>): void => {
      setDraft({ ...draft, ...fields })
      setChanged(new Set([...changed, ...Object.keys(fields).map((name) => errorNames[name] ?? name)]))
    },
    submit: (event: FormEvent<HTMLFormElement>): void => {
      event.preventDefault()
      focusInvalid(event.currentTarget)
      setChanged(new Set())
      const result = read(draft)
      if ('errors' in result) {
        setInvalid(result.errors)
        return
      }
      setInvalid(null)
      submitOnce(result.save)
    },
  }
}
