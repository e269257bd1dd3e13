import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { ErrorNotice, Loading } from '../../components/notice.tsx'
import { useShop, useUser } from '../../context.tsx'
import { formatCount, formatNumber } from '../../format.ts'
import { reportGroup, toBuckets } from './buckets.ts'
import type { Period } from './period.ts'
import type { PlotSeries } from './sales-plot.tsx'
import { type Column, TimeSection } from './time-section.tsx'

interface Plays {
  plays: number
}

const noPlays: Plays = { plays: 0 }
const addPlays = (a: Plays, b: Plays): Plays => ({ plays: a.plays + b.plays })

const series: readonly PlotSeries<Plays>[] = [{ name: 'Plays', color: '--accent', of: ({ plays }) => plays }]
const columns: readonly Column<Plays>[] = [{ name: 'Plays', text: ({ plays }) => formatNumber(plays) }]

/** Plots how often an entity, or the members of a channel, were played. */
export const PlaysOverTime = ({ period: { from, to, timezone }, entityId }: { period: Period; entityId: string }) => {
  const { client } = useShop()
  const user = useUser()
  const period = useMemo(() => ({ from, to, timezone }), [from, to, timezone])
  const groupBy = reportGroup(period)
  const report = useQuery({
    queryKey: ['admin', user, 'reports', 'plays', entityId, from, to, timezone],
    queryFn: () => client.admin.reports.plays.query({ ...period, entityId, groupBy }),
  })
  const buckets = useMemo(
    () => toBuckets<Plays>(period, report.data?.items ?? [], { none: noPlays, add: addPlays }),
    [period, report.data],
  )
  if (report.isPending) return <Loading />
  if (!report.data) return <ErrorNotice error={report.error} retry={() => void report.refetch()} />
  const { plays, viewers } = report.data.total
  return (
    <section aria-labelledby="played">
      <h2 id="played">Plays</h2>
      <p>
        {plays === 0 ? 'Not played in this period' : `Played ${formatCount(plays, 'time')} by ${formatCount(viewers, 'viewer')}`},
        not counting plays that were deleted from the play log.
      </p>
      {plays > 0 && (
        <TimeSection
          {...{ id: 'plays', title: 'Plays', period, buckets, series, columns }}
          {...{ format: formatNumber, formatAxis: formatNumber, isWhole: true }}
        />
      )}
    </section>
  )
}
