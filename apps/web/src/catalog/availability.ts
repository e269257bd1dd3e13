import type { Outputs } from '@pay-to-view/client'
import { formatDateTime } from '../format.ts'

type Entity = Pick<Outputs['entities']['get'], 'status' | 'availableFrom' | 'availableUntil'>

export interface Availability {
  /** Why it cannot be bought now; null if it can. */
  notOnSale: string | null
  /** When the sale ends; null if no end is planned. */
  saleEnds: string | null
}

/** What the page of an entity says about its sale. The end of the sale does not end the access of users who bought the entity. */
export const availabilityOf = ({ status, availableFrom, availableUntil }: Entity, now: Date): Availability => {
  const isPast = (time: string): boolean => Date.parse(time) <= now.getTime()
  if (status !== 'published') return { notOnSale: 'It is no longer on sale.', saleEnds: null }
  if (availableUntil !== null && isPast(availableUntil))
    return { notOnSale: `The sale ended on ${formatDateTime(availableUntil)}.`, saleEnds: null }
  const saleEnds = availableUntil === null ? null : `On sale until ${formatDateTime(availableUntil)}`
  if (availableFrom !== null && !isPast(availableFrom))
    return { notOnSale: `It will be available on ${formatDateTime(availableFrom)}.`, saleEnds }
  return { notOnSale: null, saleEnds }
}
