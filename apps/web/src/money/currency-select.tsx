import type { Outputs } from '@pay-to-view/client'
import { priceIn } from '@pay-to-view/react'
import { useId } from 'react'
import { chooseCurrency, useCurrencies } from './chosen-currency.ts'

type Product = Pick<Outputs['entities']['get']['products'][number], 'prices'>

const names = new Intl.DisplayNames('en', { type: 'currency' })

/** Selects the currency in which prices are shown. Renders nothing if there is only one currency. */
export const CurrencySelect = ({ products }: { products: readonly Product[] }) => {
  const id = useId()
  const preferred = useCurrencies()
  const prices = products.flatMap((product) => product.prices)
  const currencies = [...new Set(prices.map(({ currency }) => currency))]
  if (currencies.length < 2) return null
  return (
    <div className="currency">
      <label htmlFor={id}>Currency</label>
      <select id={id} value={priceIn(prices, preferred)?.currency} onChange={({ target }) => chooseCurrency(target.value)}>
        {currencies.map((currency) => (
          <option key={currency} value={currency}>
            {currency.toUpperCase()} – {names.of(currency.toUpperCase())}
          </option>
        ))}
      </select>
    </div>
  )
}
