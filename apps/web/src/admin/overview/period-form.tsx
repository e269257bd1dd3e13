import { useMemo } from 'react'
import { type ChosenPeriod, lastDay, presets } from './period.ts'

interface PeriodFormProps {
  period: ChosenPeriod
  /** Replaces parameters of the query string. Null removes a parameter. */
  change: (parameters: Record<string, string | null>) => void
}

const withOwn = (zones: string[], own: string): string[] => [...new Set([...zones, 'UTC', own])].sort()

/**
 * Chooses the period and the time zone. A preset or time zone applies immediately, custom dates apply after a click on the
 * button.
 */
export const PeriodForm = ({ period, change }: PeriodFormProps) => {
  const { from, preset, timezone } = period
  const zones = useMemo(() => withOwn(Intl.supportedValuesOf('timeZone'), timezone), [timezone])
  const last = lastDay(period)
  return (
    <form
      className="filters"
      aria-label="Period"
      onSubmit={(event) => {
        event.preventDefault()
        const fields = new FormData(event.currentTarget)
        change({ period: null, from: String(fields.get('from') ?? ''), to: String(fields.get('to') ?? '') })
      }}
    >
      <label>
        Period
        <select
          value={preset}
          onChange={({ target: { value } }) =>
            change(value === 'custom' ? { period: null, from, to: last } : { period: value, from: null, to: null })
          }
        >
          {presets.map(({ value, name }) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
          <option value="custom">Custom</option>
        </select>
      </label>
      <label>
        Time zone
        <select value={timezone} onChange={({ target: { value } }) => change({ timezone: value })}>
          {zones.map((zone) => (
            <option key={zone}>{zone}</option>
          ))}
        </select>
      </label>
      {preset === 'custom' && (
        <div className="row custom-period" key={`${from} ${last}`}>
          <label>
            First day
            <input type="date" name="from" required min="2000-01-01" max="2998-12-31" defaultValue={from} />
          </label>
          <label>
            Last day
            <input type="date" name="to" required min="2000-01-01" max="2998-12-31" defaultValue={last} />
          </label>
          <button type="submit">Show</button>
        </div>
      )}
    </form>
  )
}
