import type { z } from 'zod'
import type { RowError } from './types.ts'

const messageOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'unrecognized_keys' ? `Unknown field ${issue.keys.join(', ')}. Remove it, or correct its name` : issue.message

/** One error for each issue that the schema found. `columnOf` returns the column for a path. */
export const errorsOf = (
  error: z.ZodError,
  line: number,
  columnOf: (path: readonly PropertyKey[]) => string | null,
): RowError[] => error.issues.map((issue) => ({ line, column: columnOf(issue.path), message: messageOf(issue) }))
