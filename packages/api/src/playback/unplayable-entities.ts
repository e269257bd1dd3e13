import { type Db, playbackSourceUse } from '@pay-to-view/db'
import { missingKeys } from './environment.ts'
import { isProviderKind } from './provider.ts'

/** Entities that nobody can play, because the keys for their kind of source are not set. */
export interface UnplayableEntities {
  kind: string
  entities: number
  example: string
  missing: string[]
}

/** Compares the sources of all entities with the keys in an environment. */
export const findUnplayableEntities = async (db: Db, env: Readonly<Record<string, unknown>>): Promise<UnplayableEntities[]> => {
  const uses = await playbackSourceUse(db)
  return uses.flatMap(({ kind, ...use }) => {
    const missing = isProviderKind(kind) ? missingKeys(env, kind) : []
    return missing.length > 0 ? [{ kind, ...use, missing }] : []
  })
}
