import type { Outputs } from '@pay-to-view/client'
import { formatDate, formatDateTime } from '../format.ts'

type Entity = Pick<Outputs['entities']['get'], 'status' | 'availableFrom' | 'availableUntil'>

export interface Availability {
  /** Why it cannot be bought now; null if it can. */
  notOnSale: string | null
  /** Until when it is on sale; null if no end is planned. */
  saleEnds: string | null
}

const isPast = (time: string, now: Date): boolean => Date.parse(time) <= now.getTime()

/** The text on an entity's page about when it is on sale. Users who bought the entity keep their access when it goes off sale. */
export const availabilityOf = ({ status, availableFrom, availableUntil }: Entity, now: Date): Availability => {
  if (status !== 'published') return { notOnSale: 'It is no longer on sale.', saleEnds: null }
  if (availableUntil !== null && isPast(availableUntil, now))
    return { notOnSale: `It went off sale on ${formatDateTime(availableUntil)}.`, saleEnds: null }
  const saleEnds = availableUntil === null ? null : `On sale until ${formatDateTime(availableUntil)}`
  if (availableFrom !== null && !isPast(availableFrom, now))
    return { notOnSale: `It will be available on ${formatDateTime(availableFrom)}.`, saleEnds }
  return { notOnSale: null, saleEnds }
}

/** The text that a card shows instead of a price while the entity is not on sale; null if the entity is on sale. */
export const notOnSaleLabel = (entity: Entity, now: Date): string | null => {
  const { availableFrom, availableUntil } = entity
  if (availabilityOf(entity, now).notOnSale === null) return null
  const isUpcoming = availableFrom !== null && !isPast(availableFrom, now)
  return isUpcoming && !(availableUntil !== null && isPast(availableUntil, now))
    ? `From ${formatDate(availableFrom)}`
    : 'Not on sale'
}
