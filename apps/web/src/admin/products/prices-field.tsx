import { fractionDigits } from '@pay-to-view/purchase'
import { formatMoney } from '../../format.ts'
import type { DraftPrice } from './product-draft.ts'

interface PricesFieldProps {
  prices: DraftPrice[]
  error: string | undefined
  /** A warning that a changed price applies to several entities, or null. */
  hint: string | null
  onChange: (prices: DraftPrice[]) => void
}

/** A price for each currency; the first price is the default. */
export const PricesField = ({ prices, error, hint, onChange }: PricesFieldProps) => {
  const change = (index: number, price: Partial<DraftPrice>): void =>
    onChange(prices.map((current, position) => (position === index ? { ...current, ...price } : current)))
  const threeDecimal = prices.filter(({ currency }) => fractionDigits(currency.trim().toLowerCase()) === 3)
  return (
    <fieldset aria-describedby={error === undefined ? undefined : 'price-error'}>
      <legend>Prices</legend>
      {prices.map(({ amount, currency }, index) => {
        const number = prices.length > 1 ? ` ${index + 1}` : ''
        return (
          <div key={index} className="pair price-pair">
            <label>
              Price{number}
              <input
                inputMode="decimal"
                value={amount}
                maxLength={20}
                onChange={(event) => change(index, { amount: event.target.value })}
              />
            </label>
            <label>
              Currency{number}
              <input
                value={currency}
                maxLength={3}
                spellCheck={false}
                onChange={(event) => change(index, { currency: event.target.value.toUpperCase() })}
              />
            </label>
            {prices.length > 1 && (
              <button
                type="button"
                className="secondary"
                onClick={() => onChange(prices.filter((_, position) => position !== index))}
              >
                Remove<span className="visually-hidden"> price{number}</span>
              </button>
            )}
          </div>
        )
      })}
      {threeDecimal.map(({ currency }) => (
        <p key={currency} className="muted">
          {currency} has three decimals, and Stripe requires a zero as the third. Enter {formatMoney(1_250, currency)} as 1.25.
        </p>
      ))}
      {hint !== null && <p className="muted">{hint}</p>}
      {prices.length > 1 && (
        <p className="muted">The first price is the default: it applies when there is no price in the buyer's currency.</p>
      )}
      {error !== undefined && (
        <p id="price-error" className="error-text">
          {error}
        </p>
      )}
      <p>
        <button type="button" className="secondary" onClick={() => onChange([...prices, { amount: '', currency: '' }])}>
          Add a price
        </button>
      </p>
    </fieldset>
  )
}
