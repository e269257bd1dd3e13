import { type PromotionCodeReason, priceIn } from '@pay-to-view/react'
import { Notice } from '../components/notice.tsx'
import { SignInLink } from '../components/sign-in-link.tsx'
import { useUser } from '../context.tsx'
import { formatAccessLength, formatMoney } from '../format.ts'
import { useCurrencies } from '../money/chosen-currency.ts'
import { CurrencySelect } from '../money/currency-select.tsx'
import type { Price, Product } from './product.ts'
import { PromotionCodeField } from './promotion-code-field.tsx'

interface PriceListProps {
  products: Product[]
  /** Why nothing can be bought now, or null. */
  notOnSale: string | null
  /** Why the promotion code was rejected, or null. */
  rejection: PromotionCodeReason | null
  buy: (product: Product, price: Price) => void
  /** Forgets the rejection. */
  reset: () => void
}

export const PriceList = ({ products, notOnSale, rejection, buy, reset }: PriceListProps) => {
  const currencies = useCurrencies()
  if (products.length === 0 || notOnSale !== null) {
    return (
      <Notice title="Not available for purchase">
        <p>{notOnSale ?? 'Check back soon.'}</p>
      </Notice>
    )
  }
  return (
    <section aria-labelledby="prices">
      <div className="prices-head">
        <h2 id="prices">Rent or buy</h2>
        <CurrencySelect products={products} />
      </div>
      <ul className="prices">
        {products.map((product) => {
          const price = priceIn(product.prices, currencies)
          return (
            <li key={product.id}>
              <span className="price">
                {price && formatMoney(price.amount, price.currency)}
                {product.taxBehavior !== null && <small>{taxNotes[product.taxBehavior]}</small>}
              </span>
              <span className="terms">
                <bdi>{product.name}</bdi>
                {formatTerms(product) !== product.name && <small>{formatTerms(product)}</small>}
              </span>
              <BuyButton product={product} buy={() => price && buy(product, price)} />
            </li>
          )
        })}
      </ul>
      <PromotionCodeField products={products} rejection={rejection} onChange={reset} />
    </section>
  )
}

const taxNotes = { inclusive: 'incl. tax', exclusive: 'plus tax' } as const

const formatTerms = ({ rental, accessDurationDays }: Product): string =>
  rental === null
    ? formatAccessLength(accessDurationDays)
    : `Start within ${rental.startWithinDays} days, then watch for ${rental.watchWithinHours} hours`

const BuyButton = ({ product, buy }: { product: Product; buy: () => void }) => {
  const user = useUser()
  if (!product.onSale) return <span className="badge">Not on sale yet</span>
  return user === null ? (
    <SignInLink>
      Sign in to buy<span className="visually-hidden"> {product.name}</span>
    </SignInLink>
  ) : (
    <button type="button" onClick={buy}>
      Buy<span className="visually-hidden"> {product.name}</span>
    </button>
  )
}

interface PriceChangeProps {
  /** The product and its price as they were shown when the user selected them. */
  selected: { product: Product; price: Price } | null
  products: Product[]
}

/** Shown with the checkout if the price has changed since the user selected the product. */
export const PriceChange = ({ selected, products }: PriceChangeProps) => {
  const prices = products.find(({ id }) => id === selected?.product.id)?.prices
  const current = prices?.find(({ currency }) => currency === selected?.price.currency)
  if (!selected || !current || current.amount === selected.price.amount) return null
  const [before, now] = [selected.price, current].map(({ amount, currency }) => formatMoney(amount, currency))
  return (
    <p role="status">
      The price has changed from {before} to {now}.
    </p>
  )
}
