import { missingKeys } from '@pay-to-view/api/playback/environment'
import type { Log } from '@pay-to-view/telemetry'

const intervalMs = 60_000

/**
 * Returns a function that logs which variables an entity's playback provider lacks, at most once a minute, because every viewer of the
 * entity causes it. Viewers do not see the variables.
 */
export const createMissingKeysLog = (log: Log, env: Readonly<Record<string, unknown>>) => {
  let silentUntil = Number.NEGATIVE_INFINITY
  return ({ entityId, kind }: { entityId: string; kind: Parameters<typeof missingKeys>[1] }): void => {
    if (performance.now() < silentUntil) return
    silentUntil = performance.now() + intervalMs
    const missing = missingKeys(env, kind)
    log.error({ entityId, provider: kind, missing }, 'an entity cannot be played: its playback provider has no keys')
  }
}
