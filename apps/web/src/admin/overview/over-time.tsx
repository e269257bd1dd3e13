import { useMemo } from 'react'
import { formatCompactMoney, formatMoney, formatNumber } from '../../format.ts'
import { bucketUnit, hasPartialMonth, toBuckets } from './buckets.ts'
import { addFigures, conversionOf, type Figures, formatFigure, formatPercent, noFigures, type Report } from './figures.ts'
import type { Period } from './period.ts'
import type { PlotSeries } from './sales-plot.tsx'
import { type Column, TimeSection } from './time-section.tsx'

interface OverTimeProps {
  period: Period
  currency: string
  items: Report['items']
}

const revenueSeries: readonly PlotSeries<Figures>[] = [
  { name: 'Gross', color: '--accent', of: ({ gross }) => gross },
  { name: 'Net', color: '--good', of: ({ net }) => net },
]
const purchaseSeries: readonly PlotSeries<Figures>[] = [
  { name: 'Purchases', color: '--accent', of: ({ purchases }) => purchases },
]
const conversionSeries: readonly PlotSeries<Figures>[] = [{ name: 'Conversion', color: '--accent', of: conversionOf }]

/** Three plots for one currency, each with a table of its values. */
export const OverTime = ({ period: { from, to, timezone }, currency, items }: OverTimeProps) => {
  const { period, buckets } = useMemo(() => {
    const period = { from, to, timezone }
    const own = items.filter((item) => item.currency === currency)
    return { period, buckets: toBuckets<Figures>(period, own, { none: noFigures, add: addFigures }) }
  }, [from, to, timezone, currency, items])
  const money = useMemo(
    () => ({
      format: (amount: number) => formatMoney(amount, currency),
      formatAxis: (amount: number) => formatCompactMoney(amount, currency),
      columns: moneyColumns(currency),
    }),
    [currency],
  )
  return (
    <>
      {bucketUnit(period) === 'month' && hasPartialMonth(period) && (
        <p className="muted">Shown by month. The first or last month is only partly in the period.</p>
      )}
      <TimeSection id="revenue" title="Revenue" {...{ period, buckets }} series={revenueSeries} {...money} />
      <TimeSection
        {...{ id: 'purchases', title: 'Purchases', period, buckets }}
        {...{ series: purchaseSeries, columns: countColumns, format: formatNumber, formatAxis: formatNumber, isWhole: true }}
      />
      <TimeSection
        {...{ id: 'conversion', title: 'Conversion', period, buckets }}
        {...{ series: conversionSeries, columns: conversionColumns, format: formatPercent, formatAxis: formatPercent }}
      />
    </>
  )
}

const moneyColumns = (currency: string): readonly Column<Figures>[] => {
  const money = (amount: number) => formatFigure(amount, 'money', currency)
  return [
    { name: 'Gross', text: ({ gross }) => money(gross) },
    { name: 'Discounts', text: ({ discount }) => money(discount) },
    { name: 'Refunds', text: ({ refunded }) => money(refunded) },
    { name: 'Net', text: ({ net }) => money(net) },
  ]
}

const countColumns: readonly Column<Figures>[] = [
  { name: 'Purchases', text: ({ purchases }) => formatNumber(purchases) },
  { name: 'Refunds', text: ({ refunds }) => formatNumber(refunds) },
]

const conversionColumns: readonly Column<Figures>[] = [
  { name: 'Checkouts', text: ({ checkouts }) => formatNumber(checkouts ?? 0) },
  { name: 'Paid', text: ({ paidCheckouts }) => formatNumber(paidCheckouts ?? 0) },
  { name: 'Conversion', text: (figures) => formatFigure(conversionOf(figures), 'percent', '') },
]
