import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { ErrorNotice, Loading, Notice } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { useShop, useUser } from '../context.tsx'
import { formatTimestamp } from '../format.ts'
import { AlertList } from './alert-list.tsx'
import { TimelineItem } from './timeline-item.tsx'

const pageSize = 50
const refreshIntervalMs = 10_000

/** Cursor of the first page, typed for useInfiniteQuery. */
const firstPage = (): string | null => null

const countedKinds = [
  ['pendingPastDeadline', 'Unpaid after checkout expiry'],
  ['mismatched', "Payments that don't match their quote"],
  ['unappliedEvents', 'Events not applied within 2 minutes'],
  ['orphanEvents', 'Events without a purchase'],
  ['unansweredRefunds', 'Refunds without an answer from Stripe'],
  ['failedRefunds', 'Failed refunds'],
] as const

/** Kinds that have a list of their items. The items of the other kinds are in the alerts. */
const listedKinds = [...countedKinds, ['missedEvents', 'Events missed by the webhook (last 24 hours)']] as const

/** Purchases, events and refunds that are stuck, and open alerts. */
export const NeedsAttention = () => (
  <Page title="Needs attention">
    <StuckCounts />
    <StuckItems />
    <h2>Alerts</h2>
    <OpenAlerts />
  </Page>
)

const StuckCounts = () => {
  const { client } = useShop()
  const user = useUser()
  const stuck = useQuery({
    queryKey: ['admin', user, 'stuck'],
    queryFn: () => client.admin.stuck.query(),
    refetchInterval: refreshIntervalMs,
  })
  if (stuck.isPending) return <Loading />
  if (!stuck.data) return <ErrorNotice error={stuck.error} retry={() => void stuck.refetch()} />
  return (
    <>
      <dl className="fields">
        {countedKinds.map(([kind, label]) => (
          <div key={kind} className={stuck.data[kind] > 0 ? 'bad' : ''}>
            <dt>{label}</dt>
            <dd>{stuck.data[kind]}</dd>
          </div>
        ))}
      </dl>
      <p className="muted">
        {stuck.data.reconciledUntil === null
          ? 'Stripe events have not been reconciled yet.'
          : `Stripe events are reconciled up to ${formatTimestamp(stuck.data.reconciledUntil)}.`}
      </p>
    </>
  )
}

const StuckItems = () => {
  const { client } = useShop()
  const user = useUser()
  const stuckItems = useQuery({
    queryKey: ['admin', user, 'stuck-items'],
    queryFn: () => client.admin.stuckItems.query(),
    refetchInterval: refreshIntervalMs,
  })
  return (
    <>
      {stuckItems.isError && !stuckItems.data && <ErrorNotice error={stuckItems.error} retry={() => void stuckItems.refetch()} />}
      {listedKinds.map(([kind, heading]) => {
        const items = stuckItems.data?.items.filter(({ what }) => what === kind) ?? []
        return (
          items.length > 0 && (
            <section key={kind} aria-labelledby={kind}>
              <h2 id={kind}>{heading}</h2>
              <ol className="timeline">
                {items.map(({ purchaseId, id, about, since }) => (
                  <TimelineItem key={`${purchaseId}${id}`} at={since} title={about ?? 'Pending'}>
                    {purchaseId && <Link href={`/purchases/${purchaseId}`}>{purchaseId}</Link>} {id && <code>{id}</code>}
                  </TimelineItem>
                ))}
              </ol>
            </section>
          )
        )
      })}
    </>
  )
}

const OpenAlerts = () => {
  const { client } = useShop()
  const user = useUser()
  const alerts = useInfiniteQuery({
    queryKey: ['admin', user, 'alerts'],
    queryFn: ({ pageParam }) => client.admin.alerts.list.query({ limit: pageSize, before: pageParam ?? undefined }),
    initialPageParam: firstPage(),
    getNextPageParam: ({ items }) => (items.length === pageSize ? (items.at(-1)?.id ?? null) : null),
  })
  const openAlerts = alerts.data?.pages.flatMap((page) => page.items)
  return (
    <>
      {alerts.isError && !alerts.data && <ErrorNotice error={alerts.error} retry={() => void alerts.refetch()} />}
      {openAlerts?.length === 0 && <Notice title="All clear">No open alerts.</Notice>}
      {openAlerts && <AlertList alerts={openAlerts} />}
      {alerts.hasNextPage && (
        <div className="pager">
          <button type="button" className="secondary" onClick={() => void alerts.fetchNextPage()}>
            Show more
          </button>
        </div>
      )}
    </>
  )
}
