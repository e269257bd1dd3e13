import type { Inputs } from '@pay-to-view/client'

export type SearchFilter = Pick<
  Inputs['admin']['purchases']['search'],
  'userId' | 'entityId' | 'status' | 'externalTransactionId' | 'createdFrom' | 'createdTo'
>

export const statuses = ['Pending', 'Completed', 'Refunded', 'Expired', 'Failed', 'Disputed', 'ChargedBack'] as const

/** Returns when a day begins in the browser's time zone, shifted by `addDays`. */
const startOfDay = (day: string | null, addDays = 0): string | undefined => {
  if (!day) return undefined
  const start = new Date(`${day}T00:00:00`)
  start.setDate(start.getDate() + addDays)
  return Number.isNaN(start.getTime()) ? undefined : start.toISOString()
}

/** Converts the query string of the search page to the filter of the API. The end date is inclusive. */
export const searchFilter = (search: URLSearchParams): SearchFilter => {
  const text = (name: string) => search.get(name)?.trim() || undefined
  return {
    userId: text('user'),
    entityId: text('entity'),
    status: statuses.find((status) => status === search.get('status')),
    externalTransactionId: text('payment'),
    createdFrom: startOfDay(search.get('from')),
    createdTo: startOfDay(search.get('to'), 1),
  }
}
