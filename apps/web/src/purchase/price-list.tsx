import type { Outputs } from '@pay-to-view/client'
import { Notice } from '../components/notice.tsx'
import { SignInLink } from '../components/sign-in-link.tsx'
import { useUser } from '../context.tsx'
import { formatAccessLength, formatMoney } from '../format.ts'

export type Product = Outputs['entities']['get']['products'][number]

const priceOf = ({ prices }: Product): string =>
  prices
    .slice(0, 1)
    .map(({ amount, currency }) => formatMoney(amount, currency))
    .join('')

interface PriceListProps {
  products: Product[]
  /** Why nothing can be bought now, or null. */
  notOnSale: string | null
  buy: (product: Product) => void
}

export const PriceList = ({ products, notOnSale, buy }: PriceListProps) => {
  if (products.length === 0 || notOnSale !== null) {
    return (
      <Notice title="Not available for purchase">
        <p>{notOnSale ?? 'Check back soon.'}</p>
      </Notice>
    )
  }
  return (
    <section aria-labelledby="prices">
      <h2 id="prices">Rent or buy</h2>
      <ul className="prices">
        {products.map((product) => (
          <li key={product.id}>
            <span className="price">{priceOf(product)}</span>
            <span className="terms">
              <bdi>{product.name}</bdi>
              {formatTerms(product) !== product.name && <small>{formatTerms(product)}</small>}
            </span>
            <BuyButton product={product} buy={buy} />
          </li>
        ))}
      </ul>
    </section>
  )
}

const formatTerms = ({ rental, accessDurationDays }: Product): string =>
  rental === null
    ? formatAccessLength(accessDurationDays)
    : `Start within ${rental.startWithinDays} days, then watch for ${rental.watchWithinHours} hours`

const BuyButton = ({ product, buy }: { product: Product; buy: (product: Product) => void }) => {
  const user = useUser()
  if (!product.onSale) return <span className="badge">Not on sale yet</span>
  return user === null ? (
    <SignInLink>
      Sign in to buy<span className="visually-hidden"> {product.name}</span>
    </SignInLink>
  ) : (
    <button type="button" onClick={() => buy(product)}>
      Buy<span className="visually-hidden"> {product.name}</span>
    </button>
  )
}

/** Shown with the checkout if the price has changed since the user selected the product. */
export const PriceChange = ({ selected, products }: { selected: Product | null; products: Product[] }) => {
  const current = products.find(({ id }) => id === selected?.id)
  if (!selected || !current || priceOf(current) === priceOf(selected)) return null
  return (
    <p role="status">
      The price has changed from {priceOf(selected)} to {priceOf(current)}.
    </p>
  )
}
