import { text } from '../../text.ts'

/** The id of a user as in the `sub` claim of their tokens. */
export const UserId = text(200).min(1, 'Expected the id of a user').meta({ description: "The user's id (sub claim)" })
