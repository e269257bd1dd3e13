import type { Account } from '../account.ts'
import { resourceMissing } from '../http/errors.ts'
import { randomText } from '../ids.ts'
import type { Charge, PaymentMethod } from '../store/objects.ts'
import { blankPaymentMethod } from './blank-objects.ts'
import type { MethodType } from './method-types.ts'
import { cardOf } from './payment-input.ts'
import { findTestCardByName } from './test-cards.ts'

type Fields = Partial<PaymentMethod> & { type: MethodType; billing_details: PaymentMethod['billing_details'] }

/** Creates a payment method. The caller passes the details of a card. Every other type gets the details of Stripe's test accounts. */
export const newPaymentMethod = (account: Account, fields: Fields): PaymentMethod =>
  account.store.paymentMethods.put(blankPaymentMethod({ created: account.nowSeconds(), ...typeDetails(fields.type), ...fields }))

/**
 * Returns a payment method. Stripe's test PaymentMethods, such as pm_card_visa, exist on every account, and each use of such an id creates
 * a new payment method.
 */
export const getPaymentMethod = (account: Account, id: string, param?: string): PaymentMethod => {
  const testCard = findTestCardByName(id)
  if (testCard)
    return newPaymentMethod(account, { type: 'card', billing_details: billingDetails({}), card: cardOf(testCard, 12, 2034) })
  const method = account.store.paymentMethods.get(id)
  if (!method) throw resourceMissing('PaymentMethod', id, param ?? 'payment_method', param ? 400 : 404)
  return method
}

const typeDetails = (type: MethodType): Partial<PaymentMethod> => {
  const fingerprint = randomText(16)
  switch (type) {
    case 'sepa_debit':
      return {
        sepa_debit: { bank_code: '37040044', branch_code: '', country: 'DE', fingerprint, generated_from: null, last4: '3000' },
      }
    case 'us_bank_account':
      return {
        us_bank_account: {
          account_holder_type: 'individual',
          account_type: 'checking',
          bank_name: 'STRIPE TEST BANK',
          financial_connections_account: null,
          fingerprint,
          last4: '6789',
          networks: { preferred: 'ach', supported: ['ach'] },
          routing_number: '110000000',
          status_details: null,
        },
      }
    case 'amazon_pay':
      return { amazon_pay: {} }
    case 'ideal':
      return { ideal: { bank: 'ing', bic: 'INGBNL2A' } }
    case 'card':
      return {}
  }
}

export const billingDetails = (details: Partial<PaymentMethod['billing_details']>): PaymentMethod['billing_details'] => ({
  address: null,
  email: null,
  name: null,
  phone: null,
  tax_id: null,
  ...details,
})

/** Returns the payment method details that a charge stores as a snapshot. */
export const chargeMethodDetails = (method: PaymentMethod): Charge['payment_method_details'] => {
  const { type, card, sepa_debit, us_bank_account, ideal } = method
  if (card) return { type, card: chargeCardDetails(card) }
  if (sepa_debit) {
    const { bank_code, branch_code, country, fingerprint, last4 } = sepa_debit
    return { type, sepa_debit: { bank_code, branch_code, country, fingerprint, last4, mandate: null } }
  }
  if (us_bank_account) {
    const { account_holder_type, account_type, bank_name, fingerprint, last4, routing_number } = us_bank_account
    return {
      type,
      us_bank_account: {
        account_holder_type,
        account_type,
        bank_name,
        fingerprint,
        last4,
        payment_reference: null,
        routing_number,
      },
    }
  }
  if (ideal)
    return {
      type,
      ideal: {
        ...ideal,
        generated_sepa_debit: null,
        generated_sepa_debit_mandate: null,
        iban_last4: '5264',
        transaction_id: randomText(16),
        verified_name: 'Jenny Rosen',
      },
    }
  return type === 'amazon_pay' ? { type, amazon_pay: { transaction_id: randomText(16) } } : { type }
}

type ChargeCard = NonNullable<NonNullable<Charge['payment_method_details']>['card']>

const chargeCardDetails = (card: NonNullable<PaymentMethod['card']>): ChargeCard => ({
  amount_authorized: null,
  authorization_code: null,
  brand: card.brand,
  checks: card.checks,
  country: card.country,
  electronic_commerce_indicator: null,
  exp_month: card.exp_month,
  exp_year: card.exp_year,
  fingerprint: card.fingerprint,
  funding: card.funding,
  installments: null,
  last4: card.last4,
  mandate: null,
  network: card.brand,
  network_transaction_id: randomText(15),
  regulated_status: 'unregulated',
  three_d_secure: null,
  transaction_link_id: null,
  wallet: null,
})
