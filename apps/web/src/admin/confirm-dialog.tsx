import { type ReactNode, useEffect, useId, useRef } from 'react'
import { ErrorText } from '../components/notice.tsx'

/** Confirms an action that cannot be undone. As a modal dialog it keeps the focus inside, and returns it when it is removed. */
export const ConfirmDialog = ({
  title,
  children,
  action,
  isPending,
  error,
  onConfirm,
  onClose,
}: {
  title: string
  children: ReactNode
  /** Label of the confirm button: the action itself, never "OK". */
  action: string
  isPending: boolean
  error: unknown
  onConfirm: () => void
  onClose: () => void
}) => {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const opener = document.activeElement
    dialog.current?.showModal()
    return () => {
      if (opener instanceof HTMLElement) opener.focus()
    }
  }, [])
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose} onCancel={(event) => isPending && event.preventDefault()}>
      <h2 id={id}>{title}</h2>
      {children}
      {error !== null && <ErrorText error={error} />}
      <div className="row">
        <button type="button" className="secondary" disabled={isPending} onClick={() => dialog.current?.close()}>
          Cancel
        </button>
        <button type="button" disabled={isPending} onClick={onConfirm}>
          {isPending ? 'Processing …' : action}
        </button>
      </div>
    </dialog>
  )
}
