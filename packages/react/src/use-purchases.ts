'use client'

import type { Outputs } from '@pay-to-view/client'
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { atOnce } from './network.ts'
import { usePayToView } from './provider.tsx'

export type Purchases = Outputs['purchases']['list']

/** The user's purchases, newest first; the page before stays while the next one comes. Nothing is asked while nobody is signed in. */
export const usePurchases = ({
  page = 1,
  pageSize = 10,
}: {
  page?: number
  pageSize?: number
} = {}): UseQueryResult<Purchases> => {
  const { client, user } = usePayToView()
  return useQuery({
    ...atOnce,
    queryKey: ['purchases', user, page, pageSize],
    queryFn: () => client.purchases.list.query({ page, pageSize }),
    enabled: user !== null,
    placeholderData: (before, query) => (query?.queryKey[1] === user ? before : undefined),
    refetchOnMount: 'always',
  })
}
