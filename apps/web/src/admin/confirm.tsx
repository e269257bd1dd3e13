import { type ReactNode, useEffect, useId, useRef } from 'react'
import { tell } from '../problem.ts'

/** Asks before what cannot be taken back. Escape and "Cancel" end it; the browser keeps the focus inside and gives it back. */
export const Confirm = ({
  title,
  children,
  action,
  pending,
  error,
  onConfirm,
  onClose,
}: {
  title: string
  children: ReactNode
  /** What the button says: the deed itself, never "OK". */
  action: string
  pending: boolean
  error: unknown
  onConfirm: () => void
  onClose: () => void
}) => {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose} onCancel={(event) => pending && event.preventDefault()}>
      <h2 id={id}>{title}</h2>
      {children}
      {error !== null && (
        <p role="alert" className="wrong">
          {tell(error).title}. {tell(error).detail}
        </p>
      )}
      <div className="row">
        <button type="button" className="quiet" disabled={pending} onClick={() => dialog.current?.close()}>
          Cancel
        </button>
        <button type="button" disabled={pending} onClick={onConfirm}>
          {pending ? 'One moment …' : action}
        </button>
      </div>
    </dialog>
  )
}
