import {
  createReads,
  type Db,
  deleteOldPlays,
  disputesWithoutEvidence,
  findPurchaseByPaymentIntent,
  playsOf,
  readCreateContext,
  readEvidenceSource,
  readPlayable,
  recordHeartbeat,
  startPlaybackSession,
  stuckPurchases,
  stuckRefunds,
} from '@pay-to-view/db'
import { missingEvents, unappliedEvents } from '@pay-to-view/ingestion'

const id = (prefix: string, n: number): string => `${prefix}_0${n.toString(16).padStart(25, '0')}`

/** Returns the queries of the server and the reconciler, called through their own functions, with parameters that match the generated data. */
export const queriesOf = (db: Db): Record<string, () => Promise<unknown>> => {
  const reads = createReads(db)
  const [user, film, product] = ['user-4711', id('vid', 77), id('prod', 1)]
  const search = (filter: Parameters<typeof reads.searchPurchases>[0]) => () => reads.searchPurchases(filter, null, 50)
  const yearAgo = new Date(Date.now() - 365 * 86_400_000)
  /** The playback of an entity to which the user's newest purchase gives access. */
  const played = { userId: user, entityId: id('vid', 1 + ((4711 * 7919) % 2000)), deviceId: 'scale', device: null, address: null }
  const open = db.playbackSession.findMany({ where: { endedAt: null }, take: 20, select: { id: true, userId: true } }).then()
  const heartbeats = async () =>
    Promise.all(
      (await open).map((session) => recordHeartbeat(db, { sessionId: session.id, userId: session.userId, positionSeconds: 60 })),
    )
  return {
    'history: first page': () => reads.history(user, { page: 1, pageSize: 10 }),
    'history: by entity': () => reads.history(user, { page: 1, pageSize: 10, entityId: film }),
    'access.check: one film': () => reads.access(user, [film]),
    'create: context': () => readCreateContext(db, user, product, film),
    'search: newest': search({}),
    'search: by user': search({ userId: user }),
    'search: by entity': search({ entityId: film }),
    'search: by product': search({ productId: product }),
    'search: by product without purchases': search({ productId: id('prod', 2) }),
    'search: by promotion code': search({ promotionCode: 'CODE3' }),
    'search: by a promotion code without purchases': search({ promotionCode: 'NEVER' }),
    'search: by country': search({ country: 'DE' }),
    'search: by country and promotion code': search({ country: 'DE', promotionCode: 'CODE4' }),
    'search: by currency': search({ currency: 'usd' }),
    'search: by a currency without purchases': search({ currency: 'jpy' }),
    'search: by country and currency': search({ country: 'DE', currency: 'eur' }),
    'search: by payment': search({ externalTransactionId: 'pi_2' }),
    'search: Completed': search({ status: 'Completed' }),
    'search: Refunded': search({ status: 'Refunded' }),
    'search: ChargedBack (none)': search({ status: 'ChargedBack' }),
    'search: Refunded, by product': search({ status: 'Refunded', productId: product }),
    'search: Expired, by user': search({ status: 'Expired', userId: user }),
    'search: one day, a year ago': search({ createdFrom: yearAgo, createdTo: new Date(yearAgo.getTime() + 86_400_000) }),
    'search: page from a year ago': () => reads.searchPurchases({}, { createdAt: yearAgo, id: id('ptv', 1) }, 50),
    'back office: one purchase': () => reads.operatorPurchase(id('ptv', 4711)),
    'back office: stuck counts': () => reads.stuckCounts(),
    'playback: access for a start': () => readPlayable(db, played.userId, played.entityId),
    'playback: start': () => startPlaybackSession(db, played, { maxStreams: 3, takeOver: true }),
    'playback: 20 heartbeats': heartbeats,
    'back office: plays of a user': () => playsOf(db, user, null, 50),
    'back office: evidence for a dispute': () => readEvidenceSource(db, id('ptv', 4711)),
    'reconciler: disputes without evidence': () => disputesWithoutEvidence(db, 500),
    'retention: old plays': () => deleteOldPlays(db, new Date(Date.now() - 400 * 86_400_000), 500),
    'webhook: purchase of a payment': () => findPurchaseByPaymentIntent(db, 'pi_4710'),
    'reconciler: missing events of a page': () =>
      missingEvents(
        db,
        Array.from({ length: 100 }, (_, n) => `evt_${id('ptv', n * 1000 + 2)}`),
      ),
    'reconciler: unapplied events': () => unappliedEvents(db, new Date(), 500),
    'reconciler: stuck purchases': () => stuckPurchases(db, new Date(), 500),
    'reconciler: stuck refunds': () => stuckRefunds(db, new Date(), 500),
  }
}
