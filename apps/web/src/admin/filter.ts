import type { Inputs } from '@pay-to-view/client'

export type Filter = Pick<
  Inputs['admin']['purchases']['search'],
  'userId' | 'entityId' | 'status' | 'externalTransactionId' | 'createdFrom' | 'createdTo'
>

export const statuses = ['Pending', 'Completed', 'Refunded', 'Expired', 'Failed', 'Disputed', 'ChargedBack'] as const

/** A day of the operator's own clock, as the moment that it begins, `days` later. */
const beginOf = (day: string | null, days = 0): string | undefined => {
  if (!day) return undefined
  const begin = new Date(`${day}T00:00:00`)
  begin.setDate(begin.getDate() + days)
  return Number.isNaN(begin.getTime()) ? undefined : begin.toISOString()
}

/** The search that an address of the back office asks for. */
export const filterOf = (search: URLSearchParams): Filter => {
  const text = (name: string) => search.get(name)?.trim() || undefined
  return {
    userId: text('user'),
    entityId: text('entity'),
    status: statuses.find((status) => status === search.get('status')),
    externalTransactionId: text('payment'),
    createdFrom: beginOf(search.get('from')),
    createdTo: beginOf(search.get('to'), 1),
  }
}
