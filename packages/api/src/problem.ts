import { z } from 'zod'
import { type ErrorCode, errors, type Problem } from './errors.ts'

const isErrorCode = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(errors, code)

/** An error as it is told: RFC 9457. */
export const problem = z
  .object({
    type: z.string().meta({ description: 'urn:pay-to-view:problem: and the code' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What to do' }),
    instance: z.string().meta({ description: 'Id of the request, to be named when asking for help' }),
    code: z.enum(Object.keys(errors).filter(isErrorCode)).meta({ description: 'Does not change between versions' }),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .meta({ description: 'The fields that are wrong, and what was expected of each' }),
  })
  .meta({ id: 'Problem' }) satisfies z.ZodType<Problem>
