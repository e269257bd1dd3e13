import type { Outputs } from '@pay-to-view/client'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { cursorPages } from '../components/cursor-pages.ts'
import { ErrorNotice, Loading, Notice } from '../components/notice.tsx'
import { ShowMore } from '../components/show-more.tsx'
import { useShop, useUser } from '../context.tsx'
import { type Alert, AlertList, DueDate } from './alert-list.tsx'
import { AlertResolver } from './alert-resolver.tsx'
import { alertText, awaitsDecision, decisionAdvice } from './alert-texts.ts'

const pageSize = 20
const refreshIntervalMs = 10_000

type Group = Outputs['admin']['alerts']['groups']['items'][number]

const severityBadges = {
  urgent: <span className="badge bad">urgent</span>,
  action: <span className="badge">needs a decision</span>,
  info: <span className="badge good">for information</span>,
} as const satisfies Record<Group['severity'], unknown>

/** Shown instead of the severity if the operator can do nothing until the bank decides. */
const waitingBadge = <span className="badge">waiting for the bank</span>

/** The open alerts, grouped by kind, most severe first. */
export const OpenAlerts = () => {
  const { client } = useShop()
  const user = useUser()
  const groups = useQuery({
    queryKey: ['admin', user, 'alert-groups'],
    queryFn: () => client.admin.alerts.groups.query(),
    refetchInterval: refreshIntervalMs,
  })
  if (groups.isPending) return <Loading />
  if (!groups.data) return <ErrorNotice error={groups.error} retry={() => void groups.refetch()} />
  return (
    <AlertResolver>
      {(resolve) => (
        <>
          {groups.data.items.length === 0 && <Notice title="All clear">No open alerts.</Notice>}
          {groups.data.items.map((group) => (
            <AlertGroup key={group.kind} group={group} onResolve={resolve} />
          ))}
        </>
      )}
    </AlertResolver>
  )
}

const AlertGroup = ({ group, onResolve }: { group: Group; onResolve: (alerts: Alert[]) => void }) => {
  const { client } = useShop()
  const user = useUser()
  const { kind, severity, count, dueAt } = group
  const { title, advice } = alertText(kind)
  const pages = useInfiniteQuery({
    queryKey: ['admin', user, 'alerts', kind],
    queryFn: ({ pageParam }) => client.admin.alerts.list.query({ kind, limit: pageSize, cursor: pageParam }),
    ...cursorPages,
    refetchInterval: refreshIntervalMs,
  })
  const alerts = pages.data?.pages.flatMap((page) => page.items).toSorted(byDueDate) ?? []
  const isWaiting = alerts.length > 0 && alerts.every(awaitsDecision)
  return (
    <section className="alert-group" aria-labelledby={`alerts-${kind}`}>
      <div className="row">
        <h3 id={`alerts-${kind}`}>
          {title} ({count})
        </h3>
        {isWaiting ? waitingBadge : severityBadges[severity]}
        {alerts.length === 0 && <DueDate dueAt={dueAt} />}
        {/* Urgent alerts, such as open disputes, are resolved one at a time, because each needs its own decision. */}
        {alerts.length > 1 && severity !== 'urgent' && (
          <button type="button" className="secondary" onClick={() => onResolve(alerts)}>
            Resolve {alerts.length}
            <span className="visually-hidden"> {title}</span>…
          </button>
        )}
      </div>
      <p className="muted">
        {isWaiting ? decisionAdvice : advice}
        {severity === 'info' && ' Closes automatically after 7 days.'}
      </p>
      {pages.isError && alerts.length === 0 && <ErrorNotice error={pages.error} retry={() => void pages.refetch()} />}
      <AlertList alerts={alerts} hasTitles={false} onResolve={onResolve} />
      <ShowMore query={pages} name={title} />
    </section>
  )
}

/** Sorts alerts without a due date last. Alerts with equal due dates keep their order. */
const byDueDate = (a: Alert, b: Alert): number => {
  if (a.dueAt === b.dueAt) return 0
  if (a.dueAt === null || b.dueAt === null) return a.dueAt === null ? 1 : -1
  return a.dueAt < b.dueAt ? -1 : 1
}
