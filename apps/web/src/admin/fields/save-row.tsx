import type { ReactNode } from 'react'

/** The form's submit button, with other actions next to it. */
export const SaveRow = ({ isSaving, children }: { isSaving: boolean; children?: ReactNode }) => (
  <div className="row">
    <button type="submit" aria-disabled={isSaving}>
      {isSaving ? 'Saving…' : 'Save'}
    </button>
    {children}
  </div>
)
