import type { ReactNode } from 'react'

/** The button that submits a form, with other actions next to it. */
export const SaveRow = ({ isSaving, children }: { isSaving: boolean; children?: ReactNode }) => (
  <div className="row">
    <button type="submit" aria-disabled={isSaving}>
      {isSaving ? 'Saving…' : 'Save'}
    </button>
    {children}
  </div>
)
