import type { Outputs } from '@pay-to-view/client'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type UPlot from 'uplot'
import { ErrorNotice, Loading } from '../../components/notice.tsx'
import { ScrollRegion } from '../../components/scroll-region.tsx'
import { useShop, useUser } from '../../context.tsx'
import { formatTimestamp } from '../../format.ts'
import { axisOf, colorOf, type Plot, usePlot } from '../use-plot.ts'

type Period = Outputs['admin']['webhookEndpoints']['statistics']['items'][number]

const ranges = [
  { name: 'Last hour', seconds: 3_600, stepSeconds: 60 },
  { name: 'Last day', seconds: 86_400, stepSeconds: 900 },
  { name: 'Last week', seconds: 7 * 86_400, stepSeconds: 3_600 * 3 },
] as const

const toPlot = (element: HTMLElement, periods: readonly Period[], rangeSeconds: number): ReturnType<Plot> => {
  const now = Date.now() / 1_000
  const data: UPlot.AlignedData = [
    periods.map(({ from }) => Date.parse(from) / 1_000),
    periods.map(({ succeeded }) => succeeded),
    periods.map(({ failed }) => failed),
    periods.map(({ p50 }) => p50),
    periods.map(({ p95 }) => p95),
  ]
  const axis = axisOf(element)
  const series = (label: string, stroke: string, scale: string, dash?: number[]): UPlot.Series => ({
    ...{ label, stroke: colorOf(element, stroke), scale, width: 2, points: { show: true } },
    ...(dash && { dash }),
  })
  return {
    options: {
      series: [
        {},
        series('Delivered', '--good', 'count'),
        series('Failed', '--bad', 'count'),
        series('Median (ms)', '--muted', 'ms', [4, 4]),
        series('95th percentile (ms)', '--muted', 'ms', [1, 3]),
      ],
      scales: {
        x: { range: [now - rangeSeconds, now] },
        count: { range: (_plot, _min, max) => [0, Math.max(1, max)] },
        ms: { range: (_plot, _min, max) => [0, Math.max(1, max)] },
      },
      axes: [axis, { ...axis, scale: 'count' }, { ...axis, scale: 'ms', side: 1 }],
    },
    data,
  }
}

/** Attempts and response times over time, as a plot and as a table. */
const DeliveryPlot = ({ id }: { id: string }) => {
  const { client } = useShop()
  const user = useUser()
  const [range, setRange] = useState<(typeof ranges)[number]>(ranges[1])
  const query = useQuery({
    queryKey: ['admin', user, 'webhooks', id, 'statistics', range.name],
    queryFn: () => {
      const from = new Date(Date.now() - range.seconds * 1_000).toISOString()
      return client.admin.webhookEndpoints.statistics.query({ id, from, stepSeconds: range.stepSeconds })
    },
    refetchInterval: 30_000,
  })
  const periods = query.data?.items
  const plot = useMemo(
    (): Plot | null => (periods && periods.length > 0 ? (element) => toPlot(element, periods, range.seconds) : null),
    [periods, range],
  )
  const container = usePlot(plot)
  return (
    <section aria-labelledby="statistics">
      <h2 id="statistics">Attempts over time</h2>
      <div className="filters">
        <label>
          Period
          <select
            value={range.name}
            onChange={({ target }) => setRange(ranges.find(({ name }) => name === target.value) ?? range)}
          >
            {ranges.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </div>
      {query.isPending && <Loading />}
      {query.isError && <ErrorNotice error={query.error} retry={() => void query.refetch()} />}
      {periods?.length === 0 && <p className="muted">No attempts in this period.</p>}
      <div ref={container} aria-hidden="true" className="plot" />
      {periods && periods.length > 0 && <PeriodTable periods={periods} />}
    </section>
  )
}

const PeriodTable = ({ periods }: { periods: readonly Period[] }) => (
  <details>
    <summary>Table</summary>
    <ScrollRegion className="plot-table" aria-label="Attempts over time as a table">
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">Delivered</th>
            <th scope="col">Failed</th>
            <th scope="col">Median</th>
            <th scope="col">95th percentile</th>
          </tr>
        </thead>
        <tbody>
          {periods.map(({ from, succeeded, failed, p50, p95 }) => (
            <tr key={from}>
              <th scope="row">{formatTimestamp(from)}</th>
              <td>{succeeded}</td>
              <td>{failed}</td>
              <td>{p50 === null ? '–' : `${Math.round(p50)} ms`}</td>
              <td>{p95 === null ? '–' : `${Math.round(p95)} ms`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  </details>
)

export default DeliveryPlot
