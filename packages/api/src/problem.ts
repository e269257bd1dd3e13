import { promotionCodeRejections, withdrawalRefusals } from '@pay-to-view/purchase'
import { z } from 'zod'
import { type ErrorCode, errors } from './error-table.ts'
import type { Problem } from './errors.ts'
import { openSession } from './playback/schemas.ts'

const isErrorCode = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(errors, code)

/** The schema of an error response. Source: RFC 9457. */
export const problem = z
  .object({
    type: z.string().meta({ description: 'urn:pay-to-view:problem: followed by the code' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'How to fix the error' }),
    instance: z.string().meta({ description: 'Id of the request, to be quoted in support requests' }),
    code: z.enum(Object.keys(errors).filter(isErrorCode)).meta({ description: 'Stable across versions' }),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .meta({ description: 'The invalid fields, and what was expected of each' }),
    reason: z
      .enum([...promotionCodeRejections, ...withdrawalRefusals])
      .optional()
      .meta({
        description:
          'With promotion_code_invalid: why the code cannot be used. With withdrawal_refused: why the buyer cannot withdraw',
      }),
    currencies: z
      .array(z.string())
      .optional()
      .meta({ description: 'With currency_not_offered: the currencies in which the product has a price' }),
    startsAt: z.string().optional().meta({ description: 'With not_started: when the access starts' }),
    cause: z.enum(['limit', 'taken_over', 'replaced']).optional().meta({
      description:
        'With too_many_streams: `limit` (no place is free), `taken_over` (another screen took the place of this session) or `replaced` (the same device has started another session, for example in another tab)',
    }),
    sessions: z
      .array(openSession)
      .optional()
      .meta({ description: 'With too_many_streams: the sessions that are playing now, most recently started first' }),
  })
  .meta({ id: 'Problem' }) satisfies z.ZodType<Problem>
