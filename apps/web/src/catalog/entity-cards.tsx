import type { Outputs } from '@pay-to-view/client'
import { Link } from 'wouter'
import { formatDuration, formatMoney } from '../format.ts'
import { entityPath } from '../paths.ts'
import { notOnSaleLabel } from './availability.ts'
import { EntityImage } from './entity-image.tsx'
import { useAccessibleIds } from './use-accessible-ids.ts'

export type Entity = Outputs['entities']['list']['items'][number]

interface EntityGridProps {
  pages: readonly { items: Entity[] }[]
  /** Cards with the image at the side, for few entities with longer descriptions. */
  isWide?: boolean
  /** The page that a card opens; by default the entity's own. */
  pathOf?: (entityId: string) => string
}

export const EntityGrid = ({ pages, isWide = false, pathOf = entityPath }: EntityGridProps) => (
  <ul className={isWide ? 'grid wide' : 'grid'}>
    {pages.map(({ items }) => (
      <EntityCards key={items[0]?.id ?? ''} entities={items} pathOf={pathOf} />
    ))}
  </ul>
)

/** The cards of one page of a list. The access is checked page by page, so that another page does not check the first ones again. */
const EntityCards = ({ entities, pathOf }: { entities: Entity[]; pathOf: (entityId: string) => string }) => {
  const accessibleIds = useAccessibleIds(entities.map(({ id }) => id))
  const now = new Date()
  return entities.map((entity) => (
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
          {accessibleIds.has(entity.id) ? (
            <span className="card-price owned">In your library</span>
          ) : (
            <span className="card-price">{notOnSaleLabel(entity, now) ?? priceText(entity.products)}</span>
          )}
        </span>
      </Link>
    </li>
  ))
}

/** The lowest price for which an entity can be bought. Prices in different currencies cannot be compared, so only those in the first currency count. */
const priceText = (products: Entity['products']): string | null => {
  const prices = products.filter(({ onSale }) => onSale).flatMap((product) => product.prices.slice(0, 1))
  const [first] = prices
  if (!first) return products.length > 0 ? 'Not on sale yet' : null
  const lowest = Math.min(...prices.filter(({ currency }) => currency === first.currency).map(({ amount }) => amount))
  return prices.length > 1 ? `from ${formatMoney(lowest, first.currency)}` : formatMoney(lowest, first.currency)
}
