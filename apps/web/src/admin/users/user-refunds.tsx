import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { cursorPages } from '../../components/cursor-pages.ts'
import { ErrorNotice, Loading } from '../../components/notice.tsx'
import { ShowMore } from '../../components/show-more.tsx'
import { useShop, useUser } from '../../context.tsx'
import { formatMoney } from '../../format.ts'
import { purchasePath } from '../../paths.ts'
import { TimelineItem } from '../timeline-item.tsx'

const pageSize = 20

/** The refunds of all of a user's purchases, newest first. */
export const UserRefunds = ({ userId }: { userId: string }) => {
  const { client } = useShop()
  const user = useUser()
  const pages = useInfiniteQuery({
    queryKey: ['admin', user, 'refunds', userId],
    queryFn: ({ pageParam }) => client.admin.users.refunds.query({ userId, limit: pageSize, cursor: pageParam }),
    ...cursorPages,
  })
  const refunds = pages.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <section aria-labelledby="user-refunds">
      <h2 id="user-refunds">Refunds</h2>
      {pages.isPending && <Loading />}
      {pages.isError && !pages.data && <ErrorNotice error={pages.error} retry={() => void pages.refetch()} />}
      {pages.data && refunds.length === 0 && <p className="muted">No refunds.</p>}
      <ol className="timeline" aria-label="Refunds">
        {refunds.map(({ refundId, purchaseId, amount, currency, status, entityTitle, requestedBy, reason, createdAt }) => (
          <TimelineItem key={refundId} at={createdAt} title={formatMoney(amount, currency)}>
            {status}, {requestedBy === null ? 'made in Stripe' : `by ${requestedBy}`}
            {reason !== null && `: ${reason}`} ·{' '}
            <Link href={purchasePath(purchaseId)}>
              <bdi>{entityTitle}</bdi>
            </Link>
          </TimelineItem>
        ))}
      </ol>
      <ShowMore query={pages} name="refunds" />
    </section>
  )
}
