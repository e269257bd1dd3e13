import { withTimeout } from '@pay-to-view/telemetry'
import { createRemoteJWKSet, type JWTVerifyGetKey, errors as joseErrors } from 'jose'

/** The issuer's keys are needed but cannot be fetched, so the token was not checked. */
export class KeysUnavailableError extends Error {
  override name = 'KeysUnavailableError'
}

export interface RemoteKeysOptions {
  /** Minimum interval between two fetches that are triggered by unknown key ids. */
  cooldownMs: number
  /** The time after which keys are fetched again. */
  maxAgeMs?: number
  /** The age up to which the last known keys stay in use while fetches are failing. */
  maxStaleMs?: number
  /** Interval between two fetches during an outage. */
  retryDelayMs?: number
  onFetch?: ((outcome: 'ok' | 'failed') => void) | undefined
}

const fetchTimeoutMs = 3_000
/** After a failed fetch, one request waits at most this long for the next fetch. Other requests do not wait. */
const retryWaitMs = 500

/**
 * Resolves the keys of a JWKS URL. After a failed fetch, jose alone would reject every token, each after waiting for the timeout. Here the
 * last known keys stay valid during an outage, and a token with an unknown key id fails with KeysUnavailableError without a long wait.
 */
export const createRemoteKeys = (
  url: URL,
  {
    cooldownMs,
    maxAgeMs = 10 * 60_000,
    maxStaleMs = 24 * 60 * 60_000,
    retryDelayMs = 5_000,
    onFetch = () => undefined,
  }: RemoteKeysOptions,
): JWTVerifyGetKey => {
  // Disables jose's own refreshes: only this module decides when to fetch.
  const never = { cooldownDuration: Number.POSITIVE_INFINITY, cacheMaxAge: Number.POSITIVE_INFINITY }
  const keys = createRemoteJWKSet(url, { timeoutDuration: fetchTimeoutMs, ...never })
  let fetchedAt = Number.NEGATIVE_INFINITY
  /** The time of the latest fetch if it failed; undefined if it succeeded. */
  let failedAt: number | undefined
  let pending: Promise<boolean> | undefined

  const startFetch = (): Promise<boolean> =>
    keys
      .reload()
      .then(
        () => {
          fetchedAt = Date.now()
          failedAt = undefined
          onFetch('ok')
          return true
        },
        () => {
          failedAt = Date.now()
          onFetch('failed')
          return false
        },
      )
      .finally(() => {
        pending = undefined
      })

  /** Returns whether the keys are now up to date. */
  const refresh = async (): Promise<boolean> => {
    if (failedAt === undefined) {
      pending ??= startFetch()
      return pending
    }
    if (pending || Date.now() < failedAt + retryDelayMs) return false
    pending = startFetch()
    return withTimeout(retryWaitMs, pending, () => new KeysUnavailableError()).catch(() => false)
  }

  return async (header, token) => {
    const isOlderThan = (limitMs: number) => Date.now() - fetchedAt >= limitMs
    if (isOlderThan(maxAgeMs) && !(await refresh()) && isOlderThan(maxStaleMs)) throw new KeysUnavailableError()
    try {
      return await keys(header, token)
    } catch (error) {
      if (!(error instanceof joseErrors.JWKSNoMatchingKey)) throw error
      if (failedAt === undefined && !isOlderThan(cooldownMs)) throw error
      // An unknown key id may mean that the issuer has published a new key.
      if (!(await refresh())) throw new KeysUnavailableError()
      return keys(header, token)
    }
  }
}
