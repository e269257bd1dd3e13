import { type ReactNode, useId, useLayoutEffect, useRef } from 'react'
import { ErrorText } from '../components/notice.tsx'

/**
 * Asks the operator to confirm an action. The dialog is modal, so the focus stays inside it, and the browser restores the focus
 * when the dialog closes.
 */
export const ConfirmDialog = ({
  title,
  children,
  action,
  dismiss = 'Cancel',
  isPending,
  error,
  onConfirm,
  onClose,
}: {
  title: string
  children: ReactNode
  /** Label of the confirm button: the action itself, never "OK". */
  action: string
  /** Label of the dismiss button, if "Cancel" would be ambiguous. */
  dismiss?: string
  isPending: boolean
  error: unknown
  onConfirm: () => void
  onClose: () => void
}) => {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useLayoutEffect(() => {
    const element = dialog.current
    element?.showModal()
    // The browser restores the focus only if the dialog is closed before it is removed.
    return () => element?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onClose={() => dialog.current?.open === false && onClose()}
      onCancel={(event) => isPending && event.preventDefault()}
    >
      <h2 id={id}>{title}</h2>
      {children}
      {error !== null && <ErrorText error={error} />}
      <div className="row">
        <button type="button" className="secondary" disabled={isPending} onClick={() => dialog.current?.close()}>
          {dismiss}
        </button>
        <button type="button" disabled={isPending} onClick={onConfirm}>
          {isPending ? 'Processing…' : action}
        </button>
      </div>
    </dialog>
  )
}
