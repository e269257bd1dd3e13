import { z } from 'zod'
import { invalidParam } from '../http/errors.ts'
import { paginate, where } from '../http/lists.ts'
import { applyMetadata, created, int, metadata, paging, text } from '../http/params.ts'
import { route } from '../http/route.ts'
import { cancelRefund, createRefund, emitRefundUpdated, getRefund } from '../model/refunds.ts'

const createParams = {
  charge: text().optional(),
  payment_intent: text().optional(),
  amount: int(1).optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
  metadata: metadata.optional(),
}

const filters = { ...paging, created: created.optional(), charge: text().optional(), payment_intent: text().optional() }

export const refunds = [
  route('POST', '/v1/refunds', createParams, (account, { metadata: metadataChange, ...input }) => {
    if (!input.charge && !input.payment_intent)
      throw invalidParam('One of the following params should be provided for this request: payment_intent or charge.', {
        code: 'parameter_missing',
      })
    if (input.charge && input.payment_intent)
      throw invalidParam('You may only specify one of these parameters: charge, payment_intent.', {
        code: 'parameters_exclusive',
        param: 'charge',
      })
    return createRefund(account, { ...input, metadata: applyMetadata({}, metadataChange) })
  }),
  route('GET', '/v1/refunds/:id', {}, (account, _, id) => getRefund(account, id)),
  route('POST', '/v1/refunds/:id', { metadata: metadata.optional() }, (account, { metadata: metadataChange }, id) => {
    const before = getRefund(account, id)
    const after = account.store.refunds.put({ ...before, metadata: applyMetadata(before.metadata ?? {}, metadataChange) })
    emitRefundUpdated(account, before, after)
    return after
  }),
  route('POST', '/v1/refunds/:id/cancel', {}, (account, _, id) => cancelRefund(account, id)),
  route('GET', '/v1/refunds', filters, (account, { charge, payment_intent, ...query }) =>
    paginate(account.store.refunds, '/v1/refunds', 'refund', {
      ...query,
      where: where('charge', charge) ?? where('payment_intent', payment_intent),
      matches: (refund) => !payment_intent || refund.payment_intent === payment_intent,
    }),
  ),
]
