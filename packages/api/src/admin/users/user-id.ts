import { text } from '../../text.ts'

const expectedUserId = 'Expected the id of a user'

/** A user's id, as in the `sub` claim of the user's tokens. */
export const UserId = text(200, expectedUserId).min(1, expectedUserId).meta({ description: "The user's id (sub claim)" })
