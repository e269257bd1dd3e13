import { z } from 'zod'
import { invalidParam, resourceMissing } from '../http/errors.ts'
import { address, applyMetadata, email, fullAddress, metadata, text } from '../http/params.ts'
import { route } from '../http/route.ts'
import { METHOD_TYPES } from '../model/method-types.ts'
import { cardOf } from '../model/payment-input.ts'
import { billingDetails, getPaymentMethod, newPaymentMethod } from '../model/payment-methods.ts'
import { findTestCardByName } from '../model/test-cards.ts'

const createParams = {
  type: z.enum(METHOD_TYPES),
  billing_details: z
    .strictObject({
      address: address.optional(),
      email: email.optional(),
      name: text().optional(),
      phone: text().optional(),
    })
    .optional(),
  /** Card numbers are not accepted, which is Stripe's default. Use a token such as tok_visa. */
  card: z.strictObject({ token: text().optional() }).optional(),
  sepa_debit: z.strictObject({ iban: text() }).optional(),
  us_bank_account: z
    .strictObject({
      account_holder_type: z.enum(['company', 'individual']).optional(),
      account_number: text().optional(),
      account_type: z.enum(['checking', 'savings']).optional(),
      routing_number: text().optional(),
    })
    .optional(),
  amazon_pay: z.strictObject({}).optional(),
  ideal: z.strictObject({}).optional(),
  metadata: metadata.optional(),
}

export const paymentMethods = [
  route('POST', '/v1/payment_methods', createParams, (account, params) => {
    const { type, billing_details: details = {}, card: { token } = {}, metadata: metadataChange } = params
    if (type === 'card' && token === undefined)
      throw invalidParam('Missing required param: card[token].', { code: 'parameter_missing', param: 'card[token]' })
    const testCard = token === undefined ? undefined : findTestCardByName(token)
    if (token !== undefined && !testCard) throw resourceMissing('token', token, 'card[token]', 400)
    return newPaymentMethod(account, {
      type,
      billing_details: billingDetails({ ...details, address: fullAddress(details.address) }),
      metadata: applyMetadata({}, metadataChange),
      ...(testCard && { card: cardOf(testCard, 12, 2034) }),
    })
  }),
  route('GET', '/v1/payment_methods/:id', {}, (account, _, id) => getPaymentMethod(account, id)),
]
