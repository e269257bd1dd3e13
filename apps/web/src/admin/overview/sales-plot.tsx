import { useMemo } from 'react'
import UPlot from 'uplot'
import { axisOf, colorOf, type Plot, usePlot } from '../use-plot.ts'
import type { Bucket } from './buckets.ts'

export interface PlotSeries<Values> {
  name: string
  /** The CSS custom property with the color. */
  color: string
  /** Returns the value to plot. Null leaves a gap. */
  of: (values: Values) => number | null
}

interface SalesPlotProps<Values> {
  buckets: readonly Bucket<Values>[]
  /** The label of the time in the legend, such as `Day`. */
  timeName: string
  /** The time zone for the labels of the time axis. */
  timeZone: string
  /** The first series is drawn as bars and the other series as lines. */
  series: readonly PlotSeries<Values>[]
  /** `value` has the same unit as the result of `PlotSeries.of`. */
  format: (value: number) => string
  formatAxis: (value: number) => string
  /** Whether the values are whole numbers. If so, the axis has no marks between them. */
  isWhole: boolean
}

const dayS = 86_400

/** Returns the range of the time axis, with room for half a bar at each end. */
const rangeOf = (times: readonly number[]): [number, number] => {
  const [first = 0, second = first + dayS] = times
  const last = times.at(-1) ?? first
  const half = (second - first) * 0.6
  return [first - half, last + half]
}

const toPlot =
  <Values,>({ buckets, timeName, timeZone, series, format, formatAxis, isWhole }: SalesPlotProps<Values>): Plot =>
  (element) => {
    const times = buckets.map(({ seconds }) => seconds)
    const axis = axisOf(element)
    const bars = UPlot.paths.bars?.({ size: [0.7, 60] })
    const drawn = series.map(({ name, color }, index): UPlot.Series => {
      const stroke = colorOf(element, color)
      const value: UPlot.Series.Value = (_plot, amount) => (amount === null ? '' : format(amount))
      return index === 0 && bars
        ? { label: name, value, stroke, fill: stroke, paths: bars, points: { show: false } }
        : { label: name, value, stroke, width: 2, points: { show: buckets.length < 40 } }
    })
    return {
      options: {
        tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1_000), timeZone),
        series: [{ label: timeName, value: (_plot, _time, _series, index) => buckets[index ?? -1]?.label ?? '' }, ...drawn],
        scales: {
          x: { range: rangeOf(times) },
          y: { range: (_plot, min, max) => [Math.min(0, min), Math.max(isWhole ? 4 : 1, max * 1.05)] },
        },
        axes: [
          { ...axis, space: 70, ...(buckets.length === 1 && { show: false }) },
          {
            ...axis,
            size: 66,
            values: (_plot, values) => values.map(formatAxis),
            ...(isWhole && { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000] }),
          },
        ],
      },
      data: [times, ...series.map(({ of }) => buckets.map(({ isFuture, values }) => (isFuture ? null : of(values))))],
    }
  }

/** A plot over time. It is hidden from screen readers, because the table below contains the same values. */
export const SalesPlot = <Values,>(props: SalesPlotProps<Values>) => {
  const { buckets, timeName, timeZone, series, format, formatAxis, isWhole } = props
  const plot = useMemo(
    () => toPlot({ buckets, timeName, timeZone, series, format, formatAxis, isWhole }),
    [buckets, timeName, timeZone, series, format, formatAxis, isWhole],
  )
  return <div ref={usePlot(plot)} aria-hidden="true" className="plot" />
}
