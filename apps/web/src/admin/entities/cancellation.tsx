import type { Outputs } from '@pay-to-view/client'
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from 'wouter'
import { cursorPages } from '../../components/cursor-pages.ts'
import { ErrorText, Loading } from '../../components/notice.tsx'
import { ShowMore } from '../../components/show-more.tsx'
import { useShop, useUser } from '../../context.tsx'
import { formatDateTime } from '../../format.ts'
import { purchasePath } from '../../paths.ts'
import { count } from './cancel-entity.tsx'

type Progress = Outputs['admin']['entities']['cancellation']

const refreshMs = 2_000

const stateTexts = {
  running: 'Running',
  paused: 'Paused',
  waiting: 'Waiting for delayed payments',
  finished: 'Finished',
} as const satisfies Record<Progress['status'], string>

/** The progress of a cancellation, and the payments that could not be refunded. */
export const Cancellation = ({ entityId }: { entityId: string }) => {
  const { client } = useShop()
  const user = useUser()
  const queries = useQueryClient()
  const queryKey = ['admin', user, 'cancellation', entityId]
  const progress = useQuery({
    queryKey,
    queryFn: () => client.admin.entities.cancellation.query({ id: entityId }),
    refetchInterval: ({ state }) => (state.data?.status === 'finished' ? false : refreshMs),
  })
  const setPaused = useMutation({
    mutationFn: (isPaused: boolean) =>
      isPaused
        ? client.admin.entities.pauseCancellation.mutate({ id: entityId })
        : client.admin.entities.resumeCancellation.mutate({ id: entityId }),
    onSuccess: (current) => queries.setQueryData(queryKey, current),
  })
  return (
    <section aria-labelledby="cancellation">
      <h2 id="cancellation">Cancellation</h2>
      {progress.isPending && <Loading />}
      {progress.isError && !progress.data && <ErrorText error={progress.error} />}
      {progress.data && <ProgressOf progress={progress.data} />}
      {progress.data && progress.data.status !== 'finished' && (
        <button
          type="button"
          className="secondary"
          aria-disabled={setPaused.isPending}
          onClick={() => !setPaused.isPending && setPaused.mutate(progress.data.status !== 'paused')}
        >
          {progress.data.status === 'paused' ? 'Resume' : 'Pause'}
        </button>
      )}
      {setPaused.isError && <ErrorText error={setPaused.error} />}
      {progress.data && progress.data.failed > 0 && <Items entityId={entityId} outcome="failed" title="Not refunded: failed" />}
      {progress.data && progress.data.skipped.disputed + progress.data.skipped.containerBuyers > 0 && (
        <Items entityId={entityId} outcome="skipped" title="Not refunded automatically" />
      )}
    </section>
  )
}

const ProgressOf = ({ progress }: { progress: Progress }) => {
  const { status, total, pending, waiting, refunded, takenBack, revoked, closedCheckouts, failed, skipped } = progress
  const processed = total - pending - waiting
  const facts: [string, number][] = [
    ['Refunded', refunded],
    ['Free orders, access revoked', takenBack],
    ['Checkouts closed', closedCheckouts],
    ['Complimentary and imported access ended', revoked],
    ['Delayed payments, refunded if they succeed', waiting],
    ['Disputed or charged back, not refunded', skipped.disputed + skipped.chargedBack],
    ['Already refunded', skipped.alreadyRefunded],
    ['Buyers of a channel or bundle, not refunded', skipped.containerBuyers],
    ['Failed', failed],
  ]
  return (
    <>
      <p>
        Requested by {progress.requestedBy} on {formatDateTime(progress.requestedAt)}: {progress.reason}
      </p>
      <p>
        <strong role="status">
          {stateTexts[status]}: {processed} of {count(total, 'item')}
        </strong>
      </p>
      <progress
        className="job-progress"
        aria-label="Processed"
        max={Math.max(total, 1)}
        value={total === 0 ? Number(status === 'finished') : processed}
      />
      <dl className="fields">
        {facts
          .filter(([, number]) => number > 0)
          .map(([name, number]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{number}</dd>
            </div>
          ))}
      </dl>
    </>
  )
}

const reasonTexts: Partial<Record<string, string>> = {
  disputed: 'Disputed. Submit the evidence on the purchase page.',
  charged_back: 'The dispute was lost.',
  already_refunded: 'Already refunded.',
  container_buyer: 'Bought a channel or bundle that contains this title.',
  refund_failed: 'The refund failed. Refund again, or pay the user another way.',
  refund_refused: 'Stripe rejected the refund. Check the payment in the Stripe dashboard.',
  unconfirmed: 'The outcome is unknown. Check the alerts on the purchase page, then refund the purchase there.',
}

const Items = ({ entityId, outcome, title }: { entityId: string; outcome: 'failed' | 'skipped'; title: string }) => {
  const { client } = useShop()
  const user = useUser()
  const items = useInfiniteQuery({
    queryKey: ['admin', user, 'cancellation', entityId, outcome],
    queryFn: ({ pageParam }) =>
      client.admin.entities.cancellationItems.query({ id: entityId, outcome, limit: 20, cursor: pageParam }),
    ...cursorPages,
    refetchInterval: refreshMs * 5,
  })
  return (
    <>
      <h3>{title}</h3>
      {items.isError && !items.data && <ErrorText error={items.error} />}
      <ul className="rows" aria-label={title}>
        {items.data?.pages
          .flatMap((page) => page.items)
          .map(({ purchaseId, grantId, userId, reason }) => (
            <li key={purchaseId ?? grantId}>
              <div>
                {purchaseId === null ? <code>{grantId}</code> : <Link href={purchasePath(purchaseId)}>{purchaseId}</Link>}
                <small className="muted">
                  {userId}. {reasonTexts[reason ?? ''] ?? reason}
                </small>
              </div>
            </li>
          ))}
      </ul>
      <ShowMore query={items} name="items" />
    </>
  )
}
