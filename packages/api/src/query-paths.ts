import { appRouter } from './app-router.ts'
import { isProcedure } from './rest-procedures.ts'

/** The dotted paths of all queries. */
export const queryPaths: ReadonlySet<string> = new Set(
  Object.entries<unknown>(appRouter._def.procedures)
    .filter(([, procedure]) => isProcedure(procedure) && procedure._def.type === 'query')
    .map(([path]) => path),
)
