import { text } from '../../text.ts'

/** A user's id, as in the `sub` claim of the user's tokens. */
export const UserId = text(200).min(1, 'Expected the id of a user').meta({ description: "The user's id (sub claim)" })
