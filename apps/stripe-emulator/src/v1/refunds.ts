import { z } from 'zod'
import { invalidParam } from '../http/errors.ts'
import { page, where } from '../http/lists.ts'
import { applyMetadata, created, int, metadata, paging, text } from '../http/params.ts'
import { route } from '../http/route.ts'
import { announceRefund, cancelRefund, createRefund, getRefund } from '../model/refunds.ts'

const params = {
  charge: text().optional(),
  payment_intent: text().optional(),
  amount: int(1).optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
  metadata: metadata.optional(),
}

const filters = { ...paging, created: created.optional(), charge: text().optional(), payment_intent: text().optional() }

export const refunds = [
  route('POST', '/v1/refunds', params, (world, { metadata: given, ...input }) => {
    if (!input.charge && !input.payment_intent)
      throw invalidParam('One of the following params should be provided for this request: payment_intent or charge.', {
        code: 'parameter_missing',
      })
    if (input.charge && input.payment_intent)
      throw invalidParam('You may only specify one of these parameters: charge, payment_intent.', {
        code: 'parameters_exclusive',
        param: 'charge',
      })
    return createRefund(world, { ...input, metadata: applyMetadata({}, given) })
  }),
  route('GET', '/v1/refunds/:id', {}, (world, _, id) => getRefund(world, id)),
  route('POST', '/v1/refunds/:id', { metadata: metadata.optional() }, (world, { metadata: given }, id) => {
    const before = getRefund(world, id)
    const after = world.store.refunds.put({ ...before, metadata: applyMetadata(before.metadata ?? {}, given) })
    announceRefund(world, before, after)
    return after
  }),
  route('POST', '/v1/refunds/:id/cancel', {}, (world, _, id) => cancelRefund(world, id)),
  route('GET', '/v1/refunds', filters, (world, { charge, payment_intent, ...query }) =>
    page(world.store.refunds, '/v1/refunds', 'refund', {
      ...query,
      where: where('charge', charge) ?? where('payment_intent', payment_intent),
      matches: (refund) => !payment_intent || refund.payment_intent === payment_intent,
    }),
  ),
]
