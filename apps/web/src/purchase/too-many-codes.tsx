import { Notice } from '../components/notice.tsx'
import { userMessageFor } from '../user-message.ts'

interface TooManyCodesProps {
  error: unknown
  buyWithoutCode: () => void
  /** Returns to the offer, where the user can change or remove the code. */
  reset: () => void
}

/** Shown when the user has tried too many promotion codes. Sending the same code again would not help. */
export const TooManyCodes = ({ error, buyWithoutCode, reset }: TooManyCodesProps) => {
  const { title, detail } = userMessageFor(error)
  return (
    <Notice title={title} tone="bad">
      <p>{detail}</p>
      <p className="actions">
        <button type="button" onClick={buyWithoutCode}>
          Buy without a code
        </button>
        <button type="button" className="secondary" onClick={reset}>
          Change the code
        </button>
      </p>
    </Notice>
  )
}
