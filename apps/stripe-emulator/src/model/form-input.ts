import type { Account } from '../account.ts'
import { invalidParam, rejected } from '../http/errors.ts'
import type { BuyerLocation, Discount, Session } from '../store/objects.ts'
import { assertStillRedeemable, discountOfTypedCode, promotionCodeError } from './discounts.ts'
import { validateAmount } from './session-rules.ts'
import { taxIdOf } from './tax.ts'
import { recalculate } from './totals.ts'

/**
 * The buyer's input in Stripe's checkout form, except for the payment method. An empty promotion code removes the applied code.
 */
export interface FormInput {
  promotion_code?: string | undefined
  country?: string | undefined
  tax_id?: string | undefined
}

/** Applies what the buyer has entered so far, and calculates the totals that the form shows. */
export const applyForm = (account: Account, session: Session, input: FormInput): Session => {
  if (session.status !== 'open') throw rejected(`This Checkout Session is ${session.status}.`)
  const discount = input.promotion_code === undefined ? undefined : typedDiscount(account, session, input.promotion_code)
  const details = account.store.sessionDetails.get(session.id)
  const known =
    input.country !== undefined || input.tax_id !== undefined ? locationOf(account, session, input) : details?.location
  const updated = recalculate(account, session, {
    ...(discount !== undefined && { discount }),
    ...(known && { location: known }),
  })
  if (discount) validateAmountOf(updated)
  return updated
}

const validateAmountOf = ({ amount_total, currency }: Session): void => {
  try {
    validateAmount(amount_total ?? 0, currency ?? 'usd')
  } catch {
    throw promotionCodeError('This code cannot be applied to this order.')
  }
}

const typedDiscount = (account: Account, session: Session, text: string): Discount | null => {
  const details = account.store.sessionDetails.get(session.id)
  if (!session.allow_promotion_codes) throw promotionCodeError('This Checkout Session does not accept promotion codes.')
  if (text === '') return null
  return discountOfTypedCode(account, text, { ...session, lines: details?.line_items ?? [] })
}

/**
 * Returns the buyer's location. The country entered in the form takes precedence over the country already known, the customer's country,
 * and the form's default, in this order.
 */
const locationOf = (account: Account, session: Session, { country: entered, tax_id }: FormInput): BuyerLocation => {
  const before = account.store.sessionDetails.get(session.id)?.location
  const country = entered?.toUpperCase() ?? defaultCountry(account, session)
  if (!/^[A-Z]{2}$/.test(country)) throw invalidParam(`Country '${country}' is unknown.`, { param: 'country' })
  if (tax_id === undefined) return { country, tax_id: before?.country === country ? before.tax_id : null }
  if (tax_id === '') return { country, tax_id: null }
  if (!session.tax_id_collection?.enabled)
    throw invalidParam('This Checkout Session does not collect tax IDs.', { param: 'tax_id' })
  return { country, tax_id: taxIdOf(country, tax_id) }
}

export const defaultCountry = (account: Account, { id, customer }: Session): string => {
  const known = account.store.sessionDetails.get(id)?.location?.country
  return known ?? account.store.customers.get(customer ?? '')?.address?.country ?? account.settings.defaultCountry
}

/** Prepares an attempt to pay: saves the buyer's location, and checks that the discount is still valid. */
export const readyToPay = (account: Account, session: Session, input: FormInput): Session => {
  const ready = applyForm(account, session, { ...input, country: input.country ?? defaultCountry(account, session) })
  assertDiscountAvailable(account, ready)
  return ready
}

export const assertDiscountAvailable = (account: Account, session: Session): void => {
  const details = account.store.sessionDetails.get(session.id)
  if (details?.discount) assertStillRedeemable(account, details.discount, { ...session, lines: details.line_items })
}
