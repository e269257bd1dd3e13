import { useEffect, useRef, useState } from 'react'

interface NewApiKeyProps {
  kind?: 'API key' | 'Signing secret'
  name: string
  secret: string
  onClose: () => void
}

/**
 * Shows the secret of a new key or endpoint. The secret is shown only once. The element takes the focus, because the form that
 * created the key or endpoint has been removed.
 */
export const NewApiKey = ({ kind = 'API key', name, secret, onClose }: NewApiKeyProps) => {
  const input = useRef<HTMLInputElement>(null)
  const [message, setMessage] = useState('')
  useEffect(() => input.current?.focus(), [])
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(secret)
      setMessage('Copied.')
    } catch {
      // A page served over plain HTTP cannot write to the clipboard.
      input.current?.select()
      setMessage('Press Ctrl+C or ⌘C to copy.')
    }
  }
  return (
    <section className="notice good" aria-labelledby="new-key">
      <h2 id="new-key">
        {kind === 'API key' ? 'Key' : kind} for <bdi>{name}</bdi>
      </h2>
      <p>Copy it now: it won't be shown again.</p>
      <div className="form">
        <label htmlFor="secret">{kind}</label>
        <input id="secret" ref={input} value={secret} readOnly autoComplete="off" spellCheck={false} />
      </div>
      <div className="row actions">
        <button type="button" onClick={() => void copy()}>
          Copy
        </button>
        <button type="button" className="secondary" onClick={onClose}>
          Done
        </button>
        <span role="status">{message}</span>
      </div>
    </section>
  )
}
