'use client'

import { type ReactNode, useId } from 'react'
import type { Acknowledgment, Consent } from './use-consent.ts'

const names = ['immediateAccess', 'withdrawalWaived'] as const satisfies Acknowledgment[]

export interface ConsentFieldsProps {
  /** The result of `useConsent`. */
  consent: Consent
  legend?: ReactNode
  /** Shown next to the checkboxes if the user tries to buy without checking them. */
  error?: ReactNode
  className?: string
}

/** The acknowledgments that the buyer checks before a payment. Renders nothing if the server requires none. */
export const ConsentFields = ({
  consent,
  legend = 'Before you buy',
  error = 'Check both boxes to buy.',
  className = 'consent',
}: ConsentFieldsProps): ReactNode => {
  const id = useId()
  const { terms, given, set, isMissing, container } = consent
  if (terms === null) return null
  return (
    <fieldset ref={container} className={className} aria-describedby={isMissing ? id : undefined}>
      <legend>{legend}</legend>
      {names.map((name) => (
        <label key={name}>
          <input
            type="checkbox"
            required
            checked={given[name]}
            aria-invalid={isMissing && !given[name]}
            aria-describedby={isMissing && !given[name] ? id : undefined}
            onChange={({ target }) => set(name, target.checked)}
          />{' '}
          <span>{terms.texts[name]}</span>
        </label>
      ))}
      {isMissing && (
        <p id={id} role="alert" className="error-text">
          {error}
        </p>
      )}
    </fieldset>
  )
}
