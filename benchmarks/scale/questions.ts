import {
  createReads,
  type Db,
  findPurchaseByPaymentIntent,
  missingEvents,
  readCreateContext,
  stuckPurchases,
  stuckRefunds,
  unappliedEvents,
} from '@pay-to-view/db'

const id = (prefix: string, n: number): string => `${prefix}_0${n.toString(16).padStart(25, '0')}`

/** What the server and the reconciler ask of the ledger, by the functions that they ask with, about the generated data. */
export const questionsOf = (db: Db): Record<string, () => Promise<unknown>> => {
  const reads = createReads(db)
  const [user, film, product] = ['user-4711', id('vid', 77), id('prod', 1)]
  const search = (filter: Parameters<typeof reads.searchPurchases>[0]) => () => reads.searchPurchases(filter, null, 50)
  const yearAgo = new Date(Date.now() - 365 * 86_400_000)
  return {
    'history: first page of a user': () => reads.history(user, { page: 1, pageSize: 10 }),
    'history: of one entity': () => reads.history(user, { page: 1, pageSize: 10, entityId: film }),
    'access.check: a film': () => reads.access(user, [film]),
    'create: what it has to know': () => readCreateContext(db, user, product, film),
    'search: newest': search({}),
    'search: by user': search({ userId: user }),
    'search: by entity': search({ entityId: film }),
    'search: by product': search({ productId: product }),
    'search: by a product without purchases': search({ productId: id('prod', 2) }),
    'search: by payment': search({ externalTransactionId: 'pi_2' }),
    'search: Completed': search({ status: 'Completed' }),
    'search: Refunded': search({ status: 'Refunded' }),
    'search: ChargedBack, of which there are none': search({ status: 'ChargedBack' }),
    'search: Refunded of a product': search({ status: 'Refunded', productId: product }),
    'search: Expired of a user': search({ status: 'Expired', userId: user }),
    'search: a year ago, for a day': search({ createdFrom: yearAgo, createdTo: new Date(yearAgo.getTime() + 86_400_000) }),
    'search: deep, a year back': () => reads.searchPurchases({}, { createdAt: yearAgo, id: id('ptv', 1) }, 50),
    'back office: a purchase': () => reads.operatorPurchase(id('ptv', 4711)),
    'back office: what is stuck': () => reads.stuck(),
    'webhook: the purchase of a payment': () => findPurchaseByPaymentIntent(db, 'pi_4710'),
    'reconciler: events of a page that the ledger lacks': () =>
      missingEvents(
        db,
        Array.from({ length: 100 }, (_, n) => `evt_${id('ptv', n * 1000 + 2)}`),
      ),
    'reconciler: events not applied': () => unappliedEvents(db, new Date(), 500),
    'reconciler: purchases that stand still': () => stuckPurchases(db, new Date(), 500),
    'reconciler: refunds that stand still': () => stuckRefunds(db, new Date(), 500),
  }
}
