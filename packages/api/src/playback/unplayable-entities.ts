import { type Db, playbackSourceUse } from '@pay-to-view/db'
import { missingKeys } from './environment.ts'
import { isProviderKind } from './provider.ts'

/** Entities that nobody can play, because the keys for their kind of source are not set. */
export interface UnplayableEntities {
  /** Null for videos without `playback`, which need the same keys as the site's own media. */
  kind: string | null
  entities: number
  example: string
  missing: string[]
}

/** Compares the sources of all entities with the keys in an environment. */
export const findUnplayableEntities = async (db: Db, env: Readonly<Record<string, unknown>>): Promise<UnplayableEntities[]> => {
  const uses = await playbackSourceUse(db)
  return uses.flatMap(({ kind, ...use }) => {
    const provider = kind ?? 'own'
    const missing = isProviderKind(provider) ? missingKeys(env, provider) : []
    return missing.length > 0 ? [{ kind, ...use, missing }] : []
  })
}
