import type { Db } from '../client.ts'

/** Returns the lowest price of all active products in each currency, in minor units. */
export const lowestPrices = async (db: Db): Promise<{ currency: string; amount: number }[]> => {
  const rows = await db.price.groupBy({
    by: ['currency'],
    where: { product: { status: 'active' } },
    _min: { amount: true },
    orderBy: { currency: 'asc' },
  })
  return rows.flatMap(({ currency, _min: { amount } }) => (amount === null ? [] : [{ currency, amount }]))
}
