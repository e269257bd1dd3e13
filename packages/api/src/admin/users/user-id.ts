import { userIdPattern } from '@pay-to-view/purchase'
import { z } from 'zod'

const expectedUserId = 'Expected the id of a user'

/** A user's id, as in the `sub` claim of the user's tokens. */
export const UserId = z
  .string(expectedUserId)
  .min(1, expectedUserId)
  .max(200, 'Expected at most 200 characters')
  .regex(userIdPattern, 'Expected an id without control characters, unpaired surrogates and surrounding spaces')
  .meta({ description: "The user's id (sub claim)" })
