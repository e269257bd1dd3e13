import { waitsFor } from '@pay-to-view/react'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { useShop, useUser } from '../context.tsx'
import { Failure, Notice, Waiting } from '../parts/notice.tsx'
import { withoutAccess } from './meaning.ts'

/** Why somebody may not watch this now, as their last purchase of it (or of its channel) tells, and the way on. */
export const NoAccess = ({ entityId, channelId }: { entityId: string; channelId: string | null }) => {
  const { client } = useShop()
  const user = useUser()
  const last = useQuery({
    queryKey: ['last-purchase', user, entityId, channelId],
    queryFn: async () => {
      const bought = [entityId, ...(channelId === null ? [] : [channelId])]
      const pages = await Promise.all(bought.map((id) => client.purchases.list.query({ entityId: id })))
      const paid = pages.flatMap(({ items }) => items).filter((purchase) => withoutAccess(purchase) !== null)
      return paid.sort((a, b) => b.createdAt.localeCompare(a.createdAt))[0] ?? null
    },
    // It is shown when access has just gone. That access comes is told; what else becomes of a payment is not.
    refetchOnMount: 'always',
    refetchInterval: 5_000,
  })
  if (last.isPending) return <Waiting what="Looking for your ticket …" />
  if (last.data === undefined) return <Failure error={last.error} retry={() => void last.refetch()} />
  const why = last.data && withoutAccess(last.data)
  return (
    <Notice title={why?.title ?? 'There is no access to this now'}>
      <p>{why?.text ?? 'It has not been bought.'}</p>
      <p className="ways">
        {!(last.data && waitsFor(last.data)) && (
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
