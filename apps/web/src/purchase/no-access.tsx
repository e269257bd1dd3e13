import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { useShop, useUser } from '../context.tsx'
import { Failure, Notice, Waiting } from '../parts/notice.tsx'
import { lostBy } from './meaning.ts'

/** Why somebody may not watch this now, as their last purchase of it (or of its channel) tells, and the way on. */
export const NoAccess = ({ entityId, channelId }: { entityId: string; channelId: string | null }) => {
  const { client } = useShop()
  const user = useUser()
  const last = useQuery({
    queryKey: ['last-purchase', user, entityId, channelId],
    queryFn: async () => {
      const bought = [entityId, ...(channelId === null ? [] : [channelId])]
      const pages = await Promise.all(bought.map((id) => client.purchases.list.query({ entityId: id })))
      const paid = pages.flatMap(({ items }) => items).filter(({ completedAt }) => completedAt !== null)
      return paid.sort((a, b) => b.createdAt.localeCompare(a.createdAt))[0] ?? null
    },
    // It is shown when access has just gone.
    refetchOnMount: 'always',
  })
  if (last.isPending) return <Waiting what="Looking for your ticket …" />
  if (last.data === undefined) return <Failure error={last.error} retry={() => void last.refetch()} />
  const lost = last.data && lostBy(last.data)
  return (
    <Notice title={lost?.title ?? 'There is no access to this now'}>
      <p>{lost?.text ?? 'It has not been bought.'}</p>
      <p className="ways">
        {last.data?.status !== 'Disputed' && (
          <Link className="button" href={`/e/${entityId}`}>
            See the prices
          </Link>
        )}
        <Link href={last.data ? `/purchases/${last.data.purchaseId}` : '/purchases'}>
          {last.data ? 'Details of the purchase' : 'My purchases'}
        </Link>
      </p>
    </Notice>
  )
}
