import { useQuery } from '@tanstack/react-query'
import { useShop, useUser } from '../context.tsx'
import { productById } from './catalog/search-entities.ts'
import { ownTimeZone } from './time-zones.ts'

interface LinkedFiltersProps {
  /** The values of the search parameters. */
  values: Partial<Record<string, string>>
  clear: (name: 'product' | 'timezone') => void
}

/** The filters without a field in the form. They are set by links from the overview. */
export const LinkedFilters = ({ values: { product, timezone }, clear }: LinkedFiltersProps) => (
  <>
    {product && <ProductFilter productId={product} clear={() => clear('product')} />}
    {timezone && (
      <p className="row">
        <span>Days and times in the time zone {timezone}</span>
        {timezone !== ownTimeZone() && (
          <button type="button" className="secondary" onClick={() => clear('timezone')}>
            Use my time zone
          </button>
        )}
      </p>
    )}
  </>
)

const ProductFilter = ({ productId, clear }: { productId: string; clear: () => void }) => {
  const { client } = useShop()
  const user = useUser()
  const product = useQuery({
    queryKey: ['admin', user, 'product-by-id', productId],
    queryFn: () => productById(client, productId),
  })
  return (
    <p className="row">
      <span>
        Product: <bdi>{product.data?.name ?? productId}</bdi>
      </span>
      <button type="button" className="secondary" onClick={clear}>
        Show all products
      </button>
    </p>
  )
}
