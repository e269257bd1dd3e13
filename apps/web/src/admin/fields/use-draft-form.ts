import { type FormEvent, useState } from 'react'
import { type FieldErrors, fieldErrorsOf, withoutFields } from './field-errors.ts'
import { useInvalidFocus } from './use-invalid-focus.ts'
import { useSubmitOnce } from './use-submit-once.ts'

interface DraftFormOptions<Draft> {
  /** Called once, for the first render. */
  initialDraft: () => Draft
  /** Returns the fields to correct, or a function that saves the draft. */
  read: (draft: Draft) => { errors: FieldErrors } | { save: () => void }
  /** The names that errors use for fields, if they differ from the names in the form. */
  errorNames: Partial<Record<string, string>>
  /** Whether the form has a field of its own for a path such as `playback.path`. */
  hasField?: (path: string) => boolean
  /** The error of the latest request, or null. */
  requestError: unknown
  /** Changing this number allows the form to be submitted again. */
  attempt?: number
}

/** The state of a form. The error of a field, from the form or from the request, is shown until the field is changed. */
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
    /** The request's error, unless the form has been changed or rejected since. */
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
