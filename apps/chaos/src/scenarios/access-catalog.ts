import { addOffers, type Db, putEntities, putProduct } from '@pay-to-view/db'

/** A film for rent. Both the time to start the rental and the time to watch the film are limited. */
export const rentedFilm = 'chaos:rented-film'
export const rentalProduct = 'chaos:rental'
export const rentalHours = 48

/** Placeholder for the user's live event in a scenario. */
export const userEvent = 'chaos:event'
export const eventProduct = 'chaos:event-ticket'

const eventCount = 30
const usersPerEvent = 100

/** Returns the live event that a user buys. A hundred users share each live event, so a canceled event has many buyers. */
export const eventOf = (user: string): string => {
  const number = Number(/\d+$/.exec(user)?.[0] ?? 0)
  return `${userEvent}-${Math.floor(number / usersPerEvent) % eventCount}`
}

const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString()

/** Adds the rental and the live events. Every other event opens during the run; the remaining events stay pre-sold. */
export const addAccessCatalog = async (db: Db): Promise<void> => {
  const events = Array.from({ length: eventCount }, (_, index) => `${userEvent}-${index}`)
  await putEntities(
    db,
    [
      { id: rentedFilm, type: 'video', title: 'A film to rent' },
      ...events.map((id, index) => ({
        ...({ id, type: 'video', title: `Event ${index}` } as const),
        availableFrom: inMinutes(index % 2 === 0 ? 360 : 1 + index / 2),
      })),
    ],
    'chaos',
  )
  const prices = [{ currency: 'usd', amount: 799 }]
  const rental = { startWithinDays: 30, watchWithinHours: rentalHours }
  await putProduct(db, { id: rentalProduct, name: 'Rental', prices, rental }, 'chaos')
  await putProduct(db, { id: eventProduct, name: 'Ticket', prices, accessDurationDays: 2, allowPromotionCodes: true }, 'chaos')
  await addOffers(db, rentalProduct, [rentedFilm], 'chaos')
  await addOffers(db, eventProduct, events, 'chaos')
}
