import { entityInput } from '@pay-to-view/api/entity-input'
import type { EntityInput, WriteFailure } from '@pay-to-view/db'

/** Validates an entity as the API does. Returns the first invalid field, or null. */
export const validateEntity = (entity: EntityInput): WriteFailure | null => {
  const { error } = entityInput.safeParse(entity)
  const [issue] = error?.issues ?? []
  return issue ? { field: issue.path.join('.'), message: issue.message } : null
}
