import { missingKeys } from '@pay-to-view/api/playback/environment'
import type { Log } from '@pay-to-view/telemetry'

type ProviderKind = Parameters<typeof missingKeys>[1]

const intervalMs = 60_000

/**
 * Returns a function that logs which environment variables of an entity's playback provider are missing. It logs at most once a minute for
 * each kind of provider, because it is called for every user who plays the entity. Users do not see the variable names.
 */
export const createMissingKeysLog = (log: Log, env: Readonly<Record<string, unknown>>) => {
  const silentUntil = new Map<ProviderKind, number>()
  return ({ entityId, kind }: { entityId: string; kind: ProviderKind }): void => {
    if (performance.now() < (silentUntil.get(kind) ?? 0)) return
    silentUntil.set(kind, performance.now() + intervalMs)
    const missing = missingKeys(env, kind)
    log.error({ entityId, provider: kind, missing }, 'an entity cannot be played: its playback provider has no keys')
  }
}
