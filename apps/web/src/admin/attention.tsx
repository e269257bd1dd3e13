import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { useShop, useUser } from '../context.tsx'
import { stamp } from '../format.ts'
import { Failure, Notice, Waiting } from '../parts/notice.tsx'
import { Page } from '../parts/page.tsx'
import { Alerts } from './alerts.tsx'
import { Moment } from './moment.tsx'

const limit = 50

/** Where the first page begins. */
const newest = (): string | null => null

const counts = [
  ['pendingPastDeadline', 'Unpaid past their checkout’s end'],
  ['mismatched', 'Paid, but not as quoted'],
  ['unappliedEvents', 'Events not applied for 2 minutes'],
  ['orphanEvents', 'Events without a purchase'],
  ['unansweredRefunds', 'Refunds that Stripe has not answered'],
  ['failedRefunds', 'Refunds that failed after all'],
] as const

/** What alerts name is in their list. */
const lists = [...counts, ['missedEvents', 'Events of the last day that no webhook brought']] as const

/** What should have moved by now, and what somebody must look at. */
export const Attention = () => {
  const { client } = useShop()
  const user = useUser()
  const stuck = useQuery({
    queryKey: ['admin', user, 'stuck'],
    queryFn: () => client.admin.stuck.query(),
    refetchInterval: 10_000,
  })
  const items = useQuery({
    queryKey: ['admin', user, 'stuck-items'],
    queryFn: () => client.admin.stuckItems.query(),
    refetchInterval: 10_000,
  })
  const alerts = useInfiniteQuery({
    queryKey: ['admin', user, 'alerts'],
    queryFn: ({ pageParam }) => client.admin.alerts.list.query({ limit, before: pageParam ?? undefined }),
    initialPageParam: newest(),
    getNextPageParam: ({ items }) => (items.length === limit ? (items.at(-1)?.id ?? null) : null),
  })
  const open = alerts.data?.pages.flatMap((page) => page.items)
  return (
    <Page title="Needs attention">
      {stuck.isPending && <Waiting what="Counting …" />}
      {stuck.isError && !stuck.data && <Failure error={stuck.error} retry={() => void stuck.refetch()} />}
      {stuck.data && (
        <>
          <dl className="facts">
            {counts.map(([name, what]) => (
              <div key={name} className={stuck.data[name] > 0 ? 'bad' : ''}>
                <dt>{what}</dt>
                <dd>{stuck.data[name]}</dd>
              </div>
            ))}
          </dl>
          <p className="soft">
            {stuck.data.reconciledUntil === null
              ? 'Stripe’s events have not been compared with the ledger yet.'
              : `Stripe’s events were last compared with the ledger up to ${stamp(stuck.data.reconciledUntil)}.`}
          </p>
        </>
      )}
      {items.isError && !items.data && <Failure error={items.error} retry={() => void items.refetch()} />}
      {lists.map(([kind, heading]) => {
        const ofKind = items.data?.items.filter(({ what }) => what === kind) ?? []
        return (
          ofKind.length > 0 && (
            <section key={kind} aria-labelledby={kind}>
              <h2 id={kind}>{heading}</h2>
              <ol className="timeline">
                {ofKind.map(({ purchaseId, id, about, since }) => (
                  <Moment key={`${purchaseId}${id}`} at={since} title={about ?? 'Pending'}>
                    {purchaseId && <Link href={`/purchases/${purchaseId}`}>{purchaseId}</Link>} {id && <code>{id}</code>}
                  </Moment>
                ))}
              </ol>
            </section>
          )
        )
      })}
      <h2>Alerts</h2>
      {alerts.isError && !alerts.data && <Failure error={alerts.error} retry={() => void alerts.refetch()} />}
      {open?.length === 0 && <Notice title="Nothing waits for you">The runbook says what each kind of alert means.</Notice>}
      {open && <Alerts alerts={open} />}
      {alerts.hasNextPage && (
        <div className="pager">
          <button type="button" className="quiet" onClick={() => void alerts.fetchNextPage()}>
            Show more
          </button>
        </div>
      )}
    </Page>
  )
}
