import type { Outputs } from '@pay-to-view/client'
import { Notice } from '../components/notice.tsx'
import { SignInLink } from '../components/sign-in-link.tsx'
import { useUser } from '../context.tsx'
import { formatAccessLength, formatMoney } from '../format.ts'

export type Product = Outputs['entities']['get']['products'][number]

export const PriceList = ({ products, buy }: { products: Product[]; buy: (product: Product) => void }) => {
  const user = useUser()
  if (products.length === 0)
    return (
      <Notice title="Not available for purchase">
        <p>Check back soon.</p>
      </Notice>
    )
  return (
    <section aria-labelledby="prices">
      <h2 id="prices">Rent or buy</h2>
      <ul className="prices">
        {products.map((product) => (
          <li key={product.payToViewProductId}>
            <span className="price">{formatMoney(product.amount, product.currency)}</span>
            <span className="terms">
              <bdi>{product.name}</bdi>
              <small>{formatAccessLength(product.accessDurationDays)}</small>
            </span>
            {user === null ? (
              <SignInLink>
                Sign in to buy<span className="visually-hidden"> {product.name}</span>
              </SignInLink>
            ) : (
              <button type="button" onClick={() => buy(product)}>
                Buy<span className="visually-hidden"> {product.name}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Shown with the checkout if the price has changed since the user selected the product. */
export const PriceChange = ({ selected, products }: { selected: Product | null; products: Product[] }) => {
  const current = products.find(({ payToViewProductId }) => payToViewProductId === selected?.payToViewProductId)
  if (!selected || !current || (current.amount === selected.amount && current.currency === selected.currency)) return null
  return (
    <p role="status">
      The price has changed from {formatMoney(selected.amount, selected.currency)} to{' '}
      {formatMoney(current.amount, current.currency)}.
    </p>
  )
}
