import { type Consent, ConsentFields, type PromotionCodeReason, priceIn } from '@pay-to-view/react'
import { Notice } from '../components/notice.tsx'
import { SignInLink } from '../components/sign-in-link.tsx'
import { useUser } from '../context.tsx'
import { formatAccessTerms, formatDateTime, formatMoney } from '../format.ts'
import { useChosenCurrency, useCurrencies } from '../money/chosen-currency.ts'
import { CurrencySelect } from '../money/currency-select.tsx'
import { usePromotionCode } from '../money/promotion-code.ts'
import type { Price, Product } from './product.ts'
import { PromotionCodeField } from './promotion-code-field.tsx'

interface ProductListProps {
  heading: string
  products: Product[]
  /** Returns the label of a product's button. */
  action?: (product: Product) => string
  /** Describes the access after the purchase, shown below the product's name. If null, the product's length of access is shown. */
  result?: (product: Product) => string | null
  /** Why the promotion code was rejected, or null. */
  rejection: PromotionCodeReason | null
  consent: Consent
  buy: (product: Product, price: Price) => void
  /** Clears the rejection. */
  reset: () => void
}

/** A list of products with their prices. */
export const ProductList = ({
  heading,
  products,
  action = () => 'Buy',
  result = () => null,
  rejection,
  consent,
  buy,
  reset,
}: ProductListProps) => {
  const currencies = useCurrencies()
  const chosen = useChosenCurrency()
  const user = useUser()
  const code = usePromotionCode()
  const isCodeUsable = products.some(({ allowPromotionCodes, onSale }) => allowPromotionCodes && onSale)
  const terms = (product: Product): string | null => {
    const text = result(product) ?? formatAccessTerms(product)
    return text === product.name ? null : text
  }
  return (
    <section aria-labelledby="prices">
      <div className="prices-head">
        <h2 id="prices">{heading}</h2>
        <CurrencySelect products={products} />
      </div>
      {user !== null && <ConsentFields consent={consent} />}
      <ul className="prices">
        {products.map((product) => {
          const price = priceIn(product.prices, currencies)
          return (
            <li key={product.id}>
              <span className="price">
                {price && formatMoney(price.amount, price.currency)}
                {price && chosen !== null && price.currency !== chosen && <small>not sold in {chosen.toUpperCase()}</small>}
                {product.taxBehavior !== null && <small>{taxNotes[product.taxBehavior]}</small>}
              </span>
              <span className="terms">
                <bdi>{product.name}</bdi>
                <small>{terms(product)}</small>
                {code.trim() !== '' && isCodeUsable && !product.allowPromotionCodes && (
                  <small className="code-note">Promotion codes don't apply to this option.</small>
                )}
              </span>
              <BuyButton product={product} action={action(product)} buy={() => price && buy(product, price)} />
            </li>
          )
        })}
      </ul>
      <PromotionCodeField products={products} rejection={rejection} onChange={reset} />
    </section>
  )
}

interface PriceListProps extends Pick<ProductListProps, 'products' | 'rejection' | 'consent' | 'buy' | 'reset'> {
  /** Why nothing can be bought now, or null. */
  notOnSale: string | null
  /** When playback becomes available, if the entity can be bought earlier; otherwise null. */
  opensAt: string | null
}

/** The products for an entity to which the user has no access. */
export const PriceList = ({ notOnSale, opensAt, ...list }: PriceListProps) => {
  if (list.products.length === 0 || notOnSale !== null) {
    return (
      <Notice title="Not available for purchase">
        <p>{notOnSale ?? 'Check back soon.'}</p>
      </Notice>
    )
  }
  return (
    <>
      {opensAt !== null && (
        <p className="last-purchase">
          <strong>
            Available from <time dateTime={opensAt}>{formatDateTime(opensAt)}</time>.
          </strong>{' '}
          If you buy it now, your access starts at that time.
        </p>
      )}
      <ProductList heading={offerTitle(list.products)} {...list} />
    </>
  )
}

/** Returns "Rent or buy" if some of the products give access that ends and others give permanent access. */
const offerTitle = (products: readonly Product[]): string => {
  const permanent = products.filter(({ accessDurationDays, rental }) => accessDurationDays === null && rental === null)
  return permanent.length > 0 && permanent.length < products.length ? 'Rent or buy' : 'Buy'
}

const taxNotes = { inclusive: 'incl. tax', exclusive: 'plus tax' } as const

const BuyButton = ({ product, action, buy }: { product: Product; action: string; buy: () => void }) => {
  const user = useUser()
  if (!product.onSale) return <span className="badge">Not on sale yet</span>
  return user === null ? (
    <SignInLink>
      Sign in to buy<span className="visually-hidden"> {product.name}</span>
    </SignInLink>
  ) : (
    <button type="button" onClick={buy}>
      {action}
      <span className="visually-hidden"> {product.name}</span>
    </button>
  )
}

interface PriceChangeProps {
  /** The product and price that were shown when the user selected them. */
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
