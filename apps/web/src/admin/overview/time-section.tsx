import { ScrollRegion } from '../../components/scroll-region.tsx'
import { type Bucket, type BucketUnit, bucketUnit } from './buckets.ts'
import type { Period } from './period.ts'
import { type PlotSeries, SalesPlot } from './sales-plot.tsx'

export interface Column<Values> {
  name: string
  text: (values: Values) => string
}

interface TimeSectionProps<Values> {
  id: string
  title: string
  period: Period
  buckets: readonly Bucket<Values>[]
  series: readonly PlotSeries<Values>[]
  /** The table's columns. */
  columns: readonly Column<Values>[]
  format: (value: number) => string
  formatAxis: (value: number) => string
  isWhole?: boolean
}

const unitNames: Record<BucketUnit, string> = { hour: 'Hour', day: 'Day', month: 'Month' }

/** A plot over time with a table of its values. */
export const TimeSection = <Values,>(props: TimeSectionProps<Values>) => {
  const { id, title, period, buckets, series, columns, format, formatAxis, isWhole = false } = props
  const unit = bucketUnit(period)
  const past = buckets.filter(({ isFuture }) => !isFuture)
  const timeZone = unit === 'hour' ? period.timezone : 'Etc/UTC'
  return (
    <section aria-labelledby={id}>
      <h3 id={id}>
        {title} per {unit}
      </h3>
      <SalesPlot {...{ buckets, timeName: unitNames[unit], timeZone, series, format, formatAxis, isWhole }} />
      <details>
        <summary>{title} as a table</summary>
        <ScrollRegion className="report-table long" aria-label={`${title} per ${unit} as a table`}>
          <table>
            <thead>
              <tr>
                <th scope="col">{unitNames[unit]}</th>
                {columns.map(({ name }) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {past.map(({ key, label, values }) => (
                <tr key={key}>
                  <th scope="row">{label}</th>
                  {columns.map(({ name, text }) => (
                    <td key={name}>{text(values)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      </details>
    </section>
  )
}
