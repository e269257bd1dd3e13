import { useMemo } from 'react'
import { ScrollRegion } from '../../components/scroll-region.tsx'
import { formatCompactMoney, formatMoney, formatNumber } from '../../format.ts'
import { type Bucket, hasPartialMonth, isByMonth, toBuckets } from './buckets.ts'
import { formatFigure, type Report } from './figures.ts'
import type { Period } from './period.ts'
import { type PlotSeries, SalesPlot } from './sales-plot.tsx'

interface OverTimeProps {
  period: Period
  currency: string
  items: Report['items']
}

const revenueSeries: readonly PlotSeries[] = [
  { name: 'Gross', color: '--accent', of: ({ figures }) => figures.gross },
  { name: 'Net', color: '--good', of: ({ figures }) => figures.net },
]
const purchaseSeries: readonly PlotSeries[] = [{ name: 'Purchases', color: '--accent', of: ({ figures }) => figures.purchases }]

/** Two plots of one currency over time, each with a table of its values. */
export const OverTime = ({ period: { from, to, timezone }, currency, items }: OverTimeProps) => {
  const { period, buckets } = useMemo(() => {
    const period = { from, to, timezone }
    const own = items.filter((item) => item.currency === currency)
    return { period, buckets: toBuckets(period, own) }
  }, [from, to, timezone, currency, items])
  const { formatAmount, formatAxis } = useMemo(
    () => ({
      formatAmount: (amount: number) => formatMoney(amount, currency),
      formatAxis: (amount: number) => formatCompactMoney(amount, currency),
    }),
    [currency],
  )
  const isMonths = isByMonth(period)
  const unit = isMonths ? 'month' : 'day'
  return (
    <>
      {isMonths && hasPartialMonth(period) && (
        <p className="muted">By month. The first or last month may be only partly within the period.</p>
      )}
      <section aria-labelledby="revenue">
        <h3 id="revenue">Revenue per {unit}</h3>
        <SalesPlot buckets={buckets} series={revenueSeries} format={formatAmount} formatAxis={formatAxis} isWhole={false} />
        <BucketTable title="Revenue" unit={unit} buckets={buckets} columns={moneyColumns(currency)} />
      </section>
      <section aria-labelledby="purchases">
        <h3 id="purchases">Purchases per {unit}</h3>
        <SalesPlot buckets={buckets} series={purchaseSeries} format={formatNumber} formatAxis={formatNumber} isWhole />
        <BucketTable title="Purchases" unit={unit} buckets={buckets} columns={countColumns} />
      </section>
    </>
  )
}

interface Column {
  name: string
  text: (bucket: Bucket) => string
}

const moneyColumns = (currency: string): readonly Column[] => {
  const money = (amount: number) => formatFigure(amount, 'money', currency)
  return [
    { name: 'Gross', text: ({ figures }) => money(figures.gross) },
    { name: 'Discounts', text: ({ figures }) => money(figures.discount) },
    { name: 'Refunds', text: ({ figures }) => money(figures.refunded) },
    { name: 'Net', text: ({ figures }) => money(figures.net) },
  ]
}

const countColumns: readonly Column[] = [
  { name: 'Purchases', text: ({ figures }) => formatNumber(figures.purchases) },
  { name: 'Refunds', text: ({ figures }) => formatNumber(figures.refunds) },
]

interface BucketTableProps {
  title: string
  unit: 'day' | 'month'
  buckets: readonly Bucket[]
  columns: readonly Column[]
}

const BucketTable = ({ title, unit, buckets, columns }: BucketTableProps) => (
  <details>
    <summary>{title} as a table</summary>
    <ScrollRegion className="report-table long" aria-label={`${title} per ${unit}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">{unit === 'day' ? 'Day' : 'Month'}</th>
            {columns.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {buckets.map((bucket) => (
            <tr key={bucket.start}>
              <th scope="row">{bucket.label}</th>
              {columns.map(({ name, text }) => (
                <td key={name}>{text(bucket)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  </details>
)
