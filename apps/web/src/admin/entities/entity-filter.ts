import type { Inputs } from '@pay-to-view/client'
import { catalogIdPattern } from '@pay-to-view/purchase'

export type EntityFilter = Pick<Inputs['admin']['entities']['list'], 'query' | 'type' | 'status' | 'memberOf'>

export const types = ['video', 'channel', 'content'] as const
export const statuses = ['published', 'draft', 'archived'] as const

/** Reads the filter from the query string. Unknown values are ignored, so the list shows more entities, which is harmless. */
export const entityFilter = (search: URLSearchParams): EntityFilter => {
  const memberOf = search.get('memberOf') ?? ''
  return {
    query: search.get('q')?.trim() || undefined,
    type: types.find((type) => type === search.get('type')),
    status: statuses.find((status) => status === search.get('status')),
    memberOf: catalogIdPattern.test(memberOf) ? memberOf : undefined,
  }
}
