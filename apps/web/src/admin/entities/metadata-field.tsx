import type { EntityDraft } from './entity-draft.ts'

type Metadata = EntityDraft['metadata']

interface MetadataFieldProps {
  metadata: Metadata
  error: string | undefined
  onChange: (metadata: Metadata) => void
}

/** The site's own keys and values for the entity. */
export const MetadataField = ({ metadata, error, onChange }: MetadataFieldProps) => {
  const change = (index: number, entry: Partial<Metadata[number]>): void =>
    onChange(metadata.map((current, position) => (position === index ? { ...current, ...entry } : current)))
  return (
    <fieldset>
      <legend>Metadata</legend>
      <p className="muted">Your own keys and values. The API returns them but does not use them.</p>
      {metadata.map(({ key, value }, index) => (
        <div key={index} className="pair">
          <input
            aria-label={`Key ${index + 1}`}
            placeholder="Key"
            value={key}
            maxLength={40}
            onChange={(event) => change(index, { key: event.target.value })}
          />
          <input
            aria-label={`Value ${index + 1}`}
            placeholder="Value"
            value={value}
            maxLength={500}
            onChange={(event) => change(index, { value: event.target.value })}
          />
          <button
            type="button"
            className="secondary"
            onClick={() => onChange(metadata.filter((_, position) => position !== index))}
          >
            Remove<span className="visually-hidden"> {key || `entry ${index + 1}`}</span>
          </button>
        </div>
      ))}
      {error !== undefined && <p className="error-text">{error}</p>}
      <p>
        <button type="button" className="secondary" onClick={() => onChange([...metadata, { key: '', value: '' }])}>
          Add metadata
        </button>
      </p>
    </fieldset>
  )
}
