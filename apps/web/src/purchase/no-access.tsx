import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { useShop, useUser } from '../context.tsx'
import { Notice } from '../parts/notice.tsx'
import { meaning } from './meaning.ts'

const titles: Partial<Record<string, string>> = {
  Completed: 'Your access has ended',
  Refunded: 'This was refunded',
  Disputed: 'Your bank disputes the payment',
  ChargedBack: 'Your bank took the payment back',
}

/** Why somebody may not watch this now, as their last purchase of it (or of its channel) tells, and the way on. */
export const NoAccess = ({ entityId, channelId }: { entityId: string; channelId: string | null }) => {
  const { client } = useShop()
  const user = useUser()
  const last = useQuery({
    queryKey: ['last-purchase', user, entityId, channelId],
    queryFn: async () => {
      const { items } = await client.purchases.list.query({ pageSize: 100 })
      return items.find((item) => [entityId, channelId].includes(item.entityId) && item.completedAt !== null) ?? null
    },
    // It is shown when access has just gone.
    refetchOnMount: 'always',
  })
  const title = last.data && titles[last.data.status]
  return (
    <Notice title={title ?? 'There is no access to this now'}>
      <p>{last.data && title ? `${meaning(last.data)}.` : 'It has not been bought.'}</p>
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
