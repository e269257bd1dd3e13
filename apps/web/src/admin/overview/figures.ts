import type { Outputs } from '@pay-to-view/client'
import { formatCount, formatMoney, formatNumber } from '../../format.ts'

export type Report = Outputs['admin']['reports']['sales']
export type Figures = Omit<Report['totals'][number], 'currency'>

const names = [
  ...(['gross', 'discount', 'tax', 'refunded', 'disputed', 'fees', 'net', 'purchases', 'refunds'] as const),
  ...(['checkouts', 'paidCheckouts'] as const),
] as const satisfies (keyof Figures)[]

export const noFigures: Figures = {
  ...{ gross: 0, discount: 0, tax: 0, refunded: 0, disputed: 0, fees: 0, net: 0, purchases: 0, refunds: 0 },
  ...{ checkouts: 0, paidCheckouts: 0 },
}

export const addFigures = (a: Figures, b: Figures): Figures => {
  const sum = { ...a }
  for (const name of names) sum[name] = (a[name] ?? 0) + (b[name] ?? 0)
  return sum
}

/** The share of checkouts that were paid. Null if there were no checkouts. */
export const conversionOf = ({ checkouts, paidCheckouts }: Figures): number | null =>
  checkouts ? (paidCheckouts ?? 0) / checkouts : null

const perPurchase = (sum: number, { purchases }: Figures): number | null => (purchases === 0 ? null : sum / purchases)

type Unit = 'money' | 'count' | 'percent'

interface FigureKind {
  name: string
  unit: Unit
  /** Returns null if the figure is undefined, for example, the average price if there are no purchases. */
  of: (figures: Figures) => number | null
}

/** The figures on the page, in display order. docs/reporting.md defines them. */
export const figureKinds: readonly FigureKind[] = [
  { name: 'Gross', unit: 'money', of: ({ gross }) => gross },
  { name: 'Discounts', unit: 'money', of: ({ discount }) => discount },
  { name: 'Tax', unit: 'money', of: ({ tax }) => tax },
  { name: 'Refunds', unit: 'money', of: ({ refunded }) => refunded },
  { name: 'Disputes', unit: 'money', of: ({ disputed }) => disputed },
  { name: 'Stripe fees', unit: 'money', of: ({ fees }) => fees },
  { name: 'Net', unit: 'money', of: ({ net }) => net },
  { name: 'Purchases', unit: 'count', of: ({ purchases }) => purchases },
  { name: 'Refund rate', unit: 'percent', of: (figures) => perPurchase(figures.refunds, figures) },
  { name: 'Conversion', unit: 'percent', of: conversionOf },
  { name: 'Average price', unit: 'money', of: (figures) => perPurchase(figures.gross - figures.discount, figures) },
]

export const formatPercent = (ratio: number): string => `${formatNumber(Math.round(ratio * 1_000) / 10)}%`

const formatters: Record<Unit, (value: number, currency: string) => string> = {
  money: (value, currency) => formatMoney(Math.round(value), currency),
  count: formatNumber,
  percent: formatPercent,
}

export const formatFigure = (value: number | null, unit: Unit, currency: string): string =>
  value === null ? '–' : formatters[unit](value, currency)

/** Formats the difference between two rates as percentage points: `2.5 percentage points`. */
const formatDifference = (difference: number, unit: Unit, currency: string): string => {
  if (unit !== 'percent') return formatters[unit](difference, currency)
  const points = Math.round(difference * 1_000) / 10
  return formatCount(points, 'percentage point')
}

/** A change in words. Screen readers also read `context`, which completes the sentence. */
interface Change {
  text: string
  context: string
}

const compared = ' compared with the previous period'

/** Describes a change: `12.5% more ($30.00)`. Returns null if one of the figures is undefined. */
export const describeChange = (current: number | null, previous: number | null, unit: Unit, currency: string): Change | null => {
  if (current === null || previous === null) return null
  const difference = formatDifference(Math.abs(current - previous), unit, currency)
  if (difference === formatDifference(0, unit, currency)) return { text: 'Unchanged', context: compared }
  const isMore = current > previous
  if (unit === 'percent') return { text: `${difference} ${isMore ? 'higher' : 'lower'}`, context: compared }
  // If the previous figure is 0, there is no percentage, and the difference would repeat the current figure.
  if (previous === 0)
    return { text: `${isMore ? 'Up' : 'Down'} from ${formatters[unit](0, currency)}`, context: ' in the previous period' }
  const ratio = formatPercent(Math.abs((current - previous) / previous))
  return { text: `${ratio} ${isMore ? 'more' : 'less'} (${difference})`, context: compared }
}
