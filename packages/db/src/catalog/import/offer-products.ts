import { recordAudit } from '../../audit.ts'
import type { Prisma } from '../../generated/client.ts'
import { putProductIn } from '../put-product.ts'
import { keyOfTerms, nameOfTerms, type ProductTerms, sortPrices } from './product-terms.ts'

export interface WantedOffer {
  entityId: string
  terms: ProductTerms
}

interface Candidate {
  key: string
  id: string
  /** Whether the product has no settings other than its terms, so it can also be offered for other entities. */
  isPlain: boolean
}

/** Finds active products with exactly the given terms, oldest first. */
const findCandidates = (tx: Prisma.TransactionClient, wanted: ReadonlyMap<string, ProductTerms>): Promise<Candidate[]> => {
  const rows = [...wanted].map(([key, { prices, accessDurationDays, rental }]) => ({
    ...{ key, prices: sortPrices(prices), ...sortPrices(prices)[0], accessDurationDays, ...rental },
  }))
  return tx.$queryRaw<Candidate[]>`
    SELECT wanted.key, products.id, sale_from IS NULL AND sale_until IS NULL AND tax_code IS NULL AND tax_behavior IS NULL
      AND NOT allow_promotion_codes AND max_streams IS NULL AND NOT keeps_removed_members AS "isPlain"
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS wanted (
      key text, prices jsonb, currency text, amount int, "accessDurationDays" int, "startWithinDays" int, "watchWithinHours" int
    )
    JOIN prices ON prices.currency = wanted.currency AND prices.amount = wanted.amount
    JOIN products ON products.id = prices.product_id
    WHERE products.status = 'active'
      AND access_duration_days IS NOT DISTINCT FROM "accessDurationDays"
      AND rental_start_within_days IS NOT DISTINCT FROM "startWithinDays"
      AND rental_watch_within_hours IS NOT DISTINCT FROM "watchWithinHours"
      AND wanted.prices = (
        SELECT jsonb_agg(jsonb_build_object('currency', currency, 'amount', amount) ORDER BY currency COLLATE "C")
        FROM prices WHERE product_id = products.id
      )
    ORDER BY products.created_at, products.id`
}

const groupIds = (candidates: readonly Candidate[]): Map<string, Candidate[]> => {
  const groups = new Map<string, Candidate[]>()
  for (const candidate of candidates) groups.set(candidate.key, [...(groups.get(candidate.key) ?? []), candidate])
  return groups
}

const insertOffers = async (
  tx: Prisma.TransactionClient,
  offers: readonly { productId: string; entityId: string }[],
  actor: string,
): Promise<void> => {
  if (offers.length === 0) return
  await tx.offer.createMany({ data: [...offers], skipDuplicates: true })
  const entityIds = new Map<string, string[]>()
  for (const { productId, entityId } of offers) entityIds.set(productId, [...(entityIds.get(productId) ?? []), entityId])
  const records = [...entityIds].map(([subjectId, ids]) => ({
    ...{ actor, action: 'offers.added', subjectId, before: null, after: { entityIds: ids } },
  }))
  await recordAudit(tx, ...records)
}

/**
 * Offers a product with exactly the wanted terms for each entity, unless such a product is already offered. Uses an active product without
 * other settings or, if there is none, creates a product. The caller holds the catalog's lock. Returns the added offers and the terms for
 * which products were created.
 */
export const offerProducts = async (
  tx: Prisma.TransactionClient,
  wanted: readonly WantedOffer[],
  actor: string,
): Promise<{ added: WantedOffer[]; created: ProductTerms[] }> => {
  if (wanted.length === 0) return { added: [], created: [] }
  const terms = new Map(wanted.map((offer) => [keyOfTerms(offer.terms), offer.terms]))
  const candidates = groupIds(await findCandidates(tx, terms))
  const existing = await tx.offer.findMany({
    where: {
      entityId: { in: wanted.map(({ entityId }) => entityId) },
      productId: { in: [...candidates.values()].flat().map(({ id }) => id) },
    },
  })
  const offered = new Set(existing.map(({ productId, entityId }) => `${productId} ${entityId}`))
  const added = wanted.filter(
    ({ entityId, terms }) => !candidates.get(keyOfTerms(terms))?.some(({ id }) => offered.has(`${id} ${entityId}`)),
  )
  const products = new Map<string, string>()
  const created: ProductTerms[] = []
  for (const { terms } of added) {
    const key = keyOfTerms(terms)
    if (products.has(key)) continue
    const reused = candidates.get(key)?.find(({ isPlain }) => isPlain)?.id
    if (reused === undefined) created.push(terms)
    products.set(key, reused ?? (await putProductIn(tx, { name: nameOfTerms(terms), ...terms }, actor)).id)
  }
  const offers = added.flatMap(({ entityId, terms }) => {
    const productId = products.get(keyOfTerms(terms))
    return productId === undefined ? [] : [{ productId, entityId }]
  })
  await insertOffers(tx, offers, actor)
  return { added, created }
}
