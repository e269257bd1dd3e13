import { invalidParam, notSupported } from '../http/errors.ts'
import { isMethodType, isRedirect, type MethodType } from './method-types.ts'

const BY_CURRENCY: Record<string, MethodType[]> = {
  usd: ['card', 'us_bank_account', 'amazon_pay'],
  eur: ['card', 'sepa_debit', 'ideal'],
  gbp: ['card', 'amazon_pay'],
}

interface Wish {
  currency: string
  /** If false, payment methods that redirect the buyer are not offered. */
  redirects: boolean
  /** The value of allowed_payment_method_types. Of the types that the account offers, only these types are offered. */
  allowed?: string[] | undefined
  /** The value of payment_method_types, which exists only in API versions before 2026-09-30.endive. Exactly these types are offered. */
  exactly?: string[] | undefined
}

/** Returns the payment method types that the emulated account offers. */
export const offeredMethodTypes = ({ currency, redirects, allowed, exactly }: Wish): MethodType[] => {
  const all = BY_CURRENCY[currency] ?? ['card']
  if (exactly) return exactly.map((type, i) => exactType(type, `payment_method_types[${i}]`, all, currency))
  const offered = all.filter((type) => (redirects || !isRedirect(type)) && (allowed?.includes(type) ?? true))
  if (offered.length === 0)
    throw invalidParam(`None of the payment methods ${allowed?.join(', ')} can be used with the currency \`${currency}\`.`, {
      param: 'allowed_payment_method_types',
    })
  return offered
}

const exactType = (type: string, param: string, all: MethodType[], currency: string): MethodType => {
  if (!isMethodType(type)) throw notSupported(`The payment method ${type}`, param)
  if (!all.includes(type))
    throw invalidParam(`The payment method \`${type}\` cannot be used with the currency \`${currency}\`.`, { param })
  return type
}
