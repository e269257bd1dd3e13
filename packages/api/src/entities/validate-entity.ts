import type { EntityInput, WriteFailure } from '@pay-to-view/db'
import { entityInput } from './entity-input.ts'

/**
 * Validates an entity that does not come from a request, such as the result of an import that merges a row with the stored entity. Returns
 * the first invalid field, or null.
 */
export const validateEntity = (entity: EntityInput): WriteFailure | null => {
  const { error } = entityInput.safeParse(entity)
  const [issue] = error?.issues ?? []
  return issue ? { field: issue.path.join('.'), message: issue.message } : null
}
