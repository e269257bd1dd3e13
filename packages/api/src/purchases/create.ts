import { createProcedure } from '../trpc.ts'
import { createInput, createResult } from './schemas.ts'

/** Creates a purchase: step 1 of the integration guide. */
export const create = createProcedure
  .meta({
    rest: {
      method: 'POST',
      path: '/client/v1/pay-to-view/purchases',
      summary: 'Create a purchase',
      tag: 'client',
      errors: [
        ...([
          'return_url_not_allowed',
          'consent_required',
          'currency_not_offered',
          'promotion_code_invalid',
          'product_not_offered',
          'product_not_found',
          'entity_not_found',
          'product_not_on_sale',
        ] as const),
        ...(['checkout_refused', 'checkout_unavailable', 'stripe_unavailable', 'temporal_unavailable'] as const),
      ],
    },
  })
  .input(createInput)
  .output(createResult)
  .mutation(({ ctx, input }) => ctx.services.purchases.create(input, { ...ctx.user, language: ctx.language ?? null }))
