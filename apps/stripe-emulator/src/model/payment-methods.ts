import type { Account } from '../account.ts'
import { randomText } from '../ids.ts'
import type { Charge, PaymentMethod, Session } from '../store/objects.ts'
import { blankPaymentMethod } from './blank-objects.ts'
import type { PaymentInput } from './payment-input.ts'

export const newPaymentMethod = (
  account: Account,
  session: Session,
  input: PaymentInput,
  card: PaymentMethod['card'],
): PaymentMethod => {
  const fingerprint = randomText(16)
  const { email, name } = customerDetails(account, session, input)
  return account.store.paymentMethods.put(
    blankPaymentMethod({
      created: account.nowSeconds(),
      type: input.method,
      billing_details: { address: null, email, name, phone: null, tax_id: null },
      ...(card && { card }),
      ...(input.method === 'sepa_debit' && {
        sepa_debit: { bank_code: '37040044', branch_code: '', country: 'DE', fingerprint, generated_from: null, last4: '3000' },
      }),
      ...(input.method === 'us_bank_account' && {
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
      }),
    }),
  )
}

/** Details entered in the form take precedence over stored ones. */
export const customerDetails = (account: Account, session: Session, input: PaymentInput) => {
  const customer = session.customer ? account.store.customers.get(session.customer) : undefined
  return { email: input.email ?? session.customer_email ?? customer?.email ?? null, name: input.name ?? customer?.name ?? null }
}

/** A charge contains a snapshot of its payment method. */
export const chargeMethodDetails = ({
  type,
  card,
  sepa_debit,
  us_bank_account,
}: PaymentMethod): Charge['payment_method_details'] => {
  if (card)
    return {
      type,
      card: {
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
      },
    }
  if (sepa_debit) {
    const { bank_code, branch_code, country, fingerprint, last4 } = sepa_debit
    return { type, sepa_debit: { bank_code, branch_code, country, fingerprint, last4, mandate: null } }
  }
  if (!us_bank_account) return { type }
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
