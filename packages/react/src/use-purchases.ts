'use client'

import type { Outputs } from '@pay-to-view/client'
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { networkOptions } from './network-options.ts'
import { usePayToView } from './provider.tsx'

export type Purchases = Outputs['purchases']['list']

/** Returns the user's purchases, newest first. The previous page stays visible while the next page loads. The query is disabled while signed out. */
export const usePurchases = ({
  page = 1,
  pageSize = 10,
}: {
  page?: number
  pageSize?: number
} = {}): UseQueryResult<Purchases> => {
  const { client, user } = usePayToView()
  return useQuery({
    ...networkOptions,
    queryKey: ['purchases', user, page, pageSize],
    queryFn: () => client.purchases.list.query({ page, pageSize }),
    enabled: user !== null,
    placeholderData: (previous, query) => (query?.queryKey[1] === user ? previous : undefined),
    refetchOnMount: 'always',
  })
}
