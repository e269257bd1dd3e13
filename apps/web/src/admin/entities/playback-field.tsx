import { Field } from '../fields/field.tsx'
import type { FieldErrors } from '../fields/field-errors.ts'
import type { EntityDraft } from './entity-draft.ts'
import { fieldsOf, isPlaybackProvider, playbackProviders } from './playback-providers.ts'

type Playback = Pick<EntityDraft, 'provider' | 'playback'>

interface PlaybackFieldProps extends Playback {
  errors: FieldErrors
  onChange: (playback: Playback) => void
}

/** The fields that tell the player where to find the media. */
export const PlaybackField = ({ provider, playback, errors, onChange }: PlaybackFieldProps) => (
  <fieldset>
    <legend>Playback</legend>
    <Field
      label="Provider"
      error={errors.playback}
      hint={provider === null ? undefined : "The server needs this provider's keys (docs/playback.md)."}
    >
      {(control) => (
        <select
          {...control}
          value={provider ?? ''}
          onChange={({ target: { value } }) => onChange({ provider: isPlaybackProvider(value) ? value : null, playback: {} })}
        >
          <option value="">None: your site plays the film itself</option>
          {Object.entries(playbackProviders).map(([value, { name }]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
    {provider !== null &&
      fieldsOf(provider).map(([name, label]) => (
        <Field key={name} label={label} error={errors[`playback.${name}`]}>
          {(control) => (
            <input
              {...control}
              value={playback[name] ?? ''}
              maxLength={2_048}
              spellCheck={false}
              onChange={(event) => onChange({ provider, playback: { ...playback, [name]: event.target.value } })}
            />
          )}
        </Field>
      ))}
  </fieldset>
)
