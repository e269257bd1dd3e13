import type { Outputs } from '@pay-to-view/client'
import { type Access, priceIn } from '@pay-to-view/react'
import { Link } from 'wouter'
import { formatDuration, formatMoney } from '../format.ts'
import { useCurrencies } from '../money/chosen-currency.ts'
import { entityPath } from '../paths.ts'
import { notOnSaleLabel, opensLabel } from './availability.ts'
import { EntityImage } from './entity-image.tsx'
import { useAccessTo } from './use-access-to.ts'

export type Entity = Outputs['entities']['list']['items'][number]

interface EntityGridProps {
  pages: readonly { items: Entity[] }[]
  /** Whether to show wide cards with the image at the side, for a short list with longer descriptions. */
  isWide?: boolean
  /** Returns the page that a card opens; by default, the entity page. */
  pathOf?: (entityId: string) => string
}

export const EntityGrid = ({ pages, isWide = false, pathOf = entityPath }: EntityGridProps) => (
  <ul className={isWide ? 'grid wide' : 'grid'}>
    {pages.map(({ items }) => (
      <EntityCards key={items[0]?.id ?? ''} entities={items} pathOf={pathOf} />
    ))}
  </ul>
)

/** The cards for one page of a list. Access is checked page by page, so loading the next page does not repeat earlier checks. */
const EntityCards = ({ entities, pathOf }: { entities: Entity[]; pathOf: (entityId: string) => string }) => {
  const accessTo = useAccessTo(entities.map(({ id }) => id))
  const currencies = useCurrencies()
  const now = new Date()
  return entities.map((entity) => {
    const opens = opensLabel(entity, now)
    const library = libraryLabel(accessTo.get(entity.id))
    return (
      <li key={entity.id}>
        <Link className="card" href={pathOf(entity.id)}>
          <EntityImage entity={entity} />
          <span className="card-text">
            <strong dir="auto">{entity.title}</strong>
            {entity.description !== '' && (
              <span className="card-description" dir="auto">
                {entity.description}
              </span>
            )}
            {entity.durationSeconds !== null && <bdi>{formatDuration(entity.durationSeconds)}</bdi>}
            {opens !== null && <span>{opens}</span>}
            <span className={library === null ? 'card-price' : 'card-price owned'}>
              {library ?? notOnSaleLabel(entity, now) ?? priceText(entity.products, currencies)}
            </span>
          </span>
        </Link>
      </li>
    )
  })
}

/** Shown on a card instead of the price if the user has access or has bought access that has not started yet. */
const libraryLabel = (access: Access | undefined): string | null => {
  if (access?.hasAccess) return 'In your library'
  return access?.source === 'purchase' ? 'Bought' : null
}

/**
 * The lowest price at which an entity can be bought. Prices in different currencies cannot be compared, so only prices in the
 * preferred currency are considered.
 */
const priceText = (products: Entity['products'], currencies: readonly string[]): string | null => {
  const onSale = products.filter((product) => product.onSale)
  const prices = onSale.flatMap((product) => priceIn(product.prices, currencies) ?? [])
  const base = priceIn(prices, currencies)
  if (!base) return products.length > 0 ? 'Not on sale yet' : null
  const lowest = Math.min(...prices.filter(({ currency }) => currency === base.currency).map(({ amount }) => amount))
  return prices.length > 1 ? `from ${formatMoney(lowest, base.currency)}` : formatMoney(lowest, base.currency)
}
