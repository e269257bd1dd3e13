import type { Inputs } from '@pay-to-view/client'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { cursorPages } from '../components/cursor-pages.ts'
import { useShop } from '../context.tsx'

type Filter = Pick<Inputs['entities']['list'] & object, 'query' | 'type' | 'memberOf' | 'limit'>

/** The published entities that match a filter, page by page. The previous results stay visible while a new search loads. */
export const useEntityPages = (filter: Filter, { enabled = true } = {}) => {
  const { client } = useShop()
  return useInfiniteQuery({
    queryKey: ['entities', filter],
    queryFn: ({ pageParam }) => client.entities.list.query({ ...filter, cursor: pageParam }),
    ...cursorPages,
    placeholderData: keepPreviousData,
    enabled,
  })
}
