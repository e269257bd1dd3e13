import { appRouter } from './app-router.ts'
import { isDescribed } from './rest-procedures.ts'

/** The dotted paths of the procedures that only read. */
export const queryPaths: ReadonlySet<string> = new Set(
  Object.entries<unknown>(appRouter._def.procedures)
    .filter(([, procedure]) => isDescribed(procedure) && procedure._def.type === 'query')
    .map(([path]) => path),
)
