import type { Outputs } from '@pay-to-view/client'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { ErrorNotice, Loading } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { useShop, useUser } from '../context.tsx'
import { formatTimestamp } from '../format.ts'
import { purchasePath } from '../paths.ts'
import { OpenAlerts } from './open-alerts.tsx'
import { TimelineItem } from './timeline-item.tsx'

const refreshIntervalMs = 10_000

const countedKinds = [
  ['pendingPastDeadline', 'Unpaid after checkout expiry'],
  ['mismatched', "Payments that don't match their quote"],
  ['unappliedEvents', 'Events not applied within 2 minutes'],
  ['blockedWorkflows', 'Workflows that cannot make progress'],
  ['orphanEvents', 'Days with orphan events'],
  ['unansweredRefunds', 'Refunds without a response from Stripe'],
  ['failedRefunds', 'Failed refunds'],
] as const

/** The kinds whose affected objects are listed below the counts. `missedEvents` is listed without a count. */
const listedKinds = [...countedKinds, ['missedEvents', 'Events without a webhook (last 24 hours)']] as const

/** Open alerts, and the purchases, events and refunds that are stuck. */
export const NeedsAttention = () => (
  <Page title="Needs attention">
    <h2>Alerts</h2>
    <OpenAlerts />
    <h2>Stuck</h2>
    <Stuck />
  </Page>
)

const Stuck = () => {
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
      <StuckItems items={stuck.data.items} />
    </>
  )
}

const StuckItems = ({ items }: { items: Outputs['admin']['stuck']['items'] }) =>
  listedKinds.map(([kind, heading]) => {
    const itemsOfKind = items.filter(({ what }) => what === kind)
    return (
      itemsOfKind.length > 0 && (
        <section key={kind} aria-labelledby={kind}>
          <h2 id={kind}>{heading}</h2>
          <ol className="timeline">
            {itemsOfKind.map(({ purchaseId, id, about, since }) => (
              <TimelineItem key={`${purchaseId}${id}`} at={since} title={about ?? 'Pending'}>
                {purchaseId && <Link href={purchasePath(purchaseId)}>{purchaseId}</Link>} {id && <code>{id}</code>}
              </TimelineItem>
            ))}
          </ol>
        </section>
      )
    )
  })
