import { type ReactNode, useId } from 'react'

/** The attributes that connect a control to its label, hint and error. */
export interface ControlAttributes {
  id: string
  'aria-invalid'?: true
  'aria-describedby'?: string
}

interface FieldProps {
  label: string
  hint?: ReactNode
  error?: string | undefined
  children: (control: ControlAttributes) => ReactNode
}

/** A labeled control with its hint and its error. */
export const Field = ({ label, hint, error, children }: FieldProps) => {
  const id = useId()
  const hintId = hint === undefined ? null : `${id}-hint`
  const errorId = error === undefined ? null : `${id}-error`
  const describedBy = [hintId, errorId].filter((part) => part !== null).join(' ')
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        ...(error !== undefined && { 'aria-invalid': true }),
        ...(describedBy !== '' && { 'aria-describedby': describedBy }),
      })}
      {hintId !== null && (
        <small id={hintId} className="muted">
          {hint}
        </small>
      )}
      {errorId !== null && (
        <small id={errorId} className="error-text">
          {error}
        </small>
      )}
    </div>
  )
}
