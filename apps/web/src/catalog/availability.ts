import type { Outputs } from '@pay-to-view/client'
import { formatDate, formatDateTime } from '../format.ts'

type PublicEntity = Outputs['entities']['get']

type Entity = Pick<PublicEntity, 'status' | 'availableFrom' | 'availableUntil'> & Partial<Pick<PublicEntity, 'canceledAt'>>

export interface Availability {
  /** Why the entity cannot be bought now, or null if it can be bought. */
  notOnSale: string | null
  /** When the sale ends, or null if no end is planned. */
  saleEnds: string | null
  /** When playback becomes available, if the entity can be bought earlier; otherwise null. */
  opensAt: string | null
}

const isPast = (time: string, now: Date): boolean => Date.parse(time) <= now.getTime()

/** Returns the texts about the sale for the entity page. Users who bought the entity keep their access after the sale ends. */
export const availabilityOf = ({ status, availableFrom, availableUntil, canceledAt = null }: Entity, now: Date): Availability => {
  const opensAt = availableFrom !== null && !isPast(availableFrom, now) ? availableFrom : null
  if (canceledAt !== null) return { notOnSale: 'It was canceled.', saleEnds: null, opensAt: null }
  if (status !== 'published') return { notOnSale: 'It is no longer on sale.', saleEnds: null, opensAt }
  if (availableUntil !== null && isPast(availableUntil, now))
    return { notOnSale: `It was on sale until ${formatDateTime(availableUntil)}.`, saleEnds: null, opensAt }
  return {
    notOnSale: null,
    saleEnds: availableUntil === null ? null : `On sale until ${formatDateTime(availableUntil)}`,
    opensAt,
  }
}

/** The text that a card shows instead of a price while the entity is not on sale; null if the entity is on sale. */
export const notOnSaleLabel = (entity: Entity, now: Date): string | null =>
  availabilityOf(entity, now).notOnSale === null ? null : 'Not on sale'

/** The text that a card shows next to the price of a pre-sold entity. */
export const opensLabel = (entity: Entity, now: Date): string | null => {
  const { notOnSale, opensAt } = availabilityOf(entity, now)
  return notOnSale === null && opensAt !== null ? `Starts ${formatDate(opensAt)}` : null
}
