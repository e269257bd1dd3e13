import { useState } from 'react'
import { useDebounced } from '../../components/use-debounced.ts'
import { Field } from '../fields/field.tsx'

interface ImageFieldProps {
  url: string
  error: string | undefined
  onChange: (url: string) => void
}

/** The image URL, with a preview of the image. */
export const ImageField = ({ url, error, onChange }: ImageFieldProps) => (
  <>
    <Field label="Image URL" hint="Begins with https://. Portrait images with a ratio of 3:4 fit best" error={error}>
      {(control) => (
        <input {...control} type="url" value={url} maxLength={2_048} onChange={(event) => onChange(event.target.value)} />
      )}
    </Field>
    <Preview url={useDebounced(url.trim())} />
  </>
)

const Preview = ({ url }: { url: string }) => {
  const [loaded, setLoaded] = useState<{ url: string; isOk: boolean } | null>(null)
  if (!/^https?:\/\/./i.test(url)) return null
  const state = loaded?.url === url ? loaded : null
  return (
    <div className="image-preview">
      {state?.isOk !== false && (
        <img
          className="poster"
          src={url}
          alt="Preview"
          width={150}
          height={200}
          referrerPolicy="no-referrer"
          onLoad={() => setLoaded({ url, isOk: true })}
          onError={() => setLoaded({ url, isOk: false })}
        />
      )}
      {state?.isOk === false && (
        <p role="status" className="error-text">
          The image can't be loaded. Check that the address opens in a browser, and that this site's Content-Security-Policy
          allows it.
        </p>
      )}
    </div>
  )
}
