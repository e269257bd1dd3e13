import type { Outputs } from '@pay-to-view/client'
import { useQuery } from '@tanstack/react-query'
import { useShop, useUser } from '../context.tsx'
import { grantStatus } from './users/grant-row.tsx'

type Purchase = Outputs['admin']['purchases']['get']

const maxGrants = 100

/**
 * Whether the user would keep access to the title without this purchase, through a renewal, another purchase, a channel or
 * complimentary access. Undefined until it is known.
 */
export const useOtherAccess = ({ purchaseId, userId, entityId }: Purchase): boolean | undefined => {
  const { client } = useShop()
  const user = useUser()
  const { data } = useQuery({
    queryKey: ['admin', user, 'other-access', purchaseId],
    queryFn: async () => {
      const [grants, access] = await Promise.all([
        client.admin.grants.list.query({ userId, entityId, limit: maxGrants }),
        client.admin.users.access.query({ userId, entityId: [entityId] }),
      ])
      const others = grants.items.filter((grant) => grant.purchaseId !== purchaseId)
      return (
        others.some((grant) => ['active', 'starts later'].includes(grantStatus(grant))) ||
        access.items.some((item) => item.hasAccess && item.purchaseId !== purchaseId)
      )
    },
  })
  return data
}
