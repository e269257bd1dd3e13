/** Remembers on this device how far a user has watched. */

const keyPrefix = 'pay-to-view-position:'

/** The maximum number of films whose positions are stored. */
const maxPositions = 100

/** A film watched for less than this starts from the beginning. */
const minimumSeconds = 5

const keyOf = (user: string, entityId: string): string => keyPrefix + JSON.stringify([user, entityId])

/** Whether a position is in the last 5% or the last 30 seconds of a film, whichever is shorter. If so, no position is kept. */
const isAtEnd = (seconds: number, duration: number): boolean => duration - seconds <= Math.min(30, duration * 0.05)

/** The methods of `localStorage` that this file uses. */
export interface PositionStorage {
  readonly length: number
  key(index: number): string | null
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

const deleteOldest = (storage: PositionStorage): void => {
  const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '').filter((key) =>
    key.startsWith(keyPrefix),
  )
  if (keys.length <= maxPositions) return
  const savedAt = (key: string) => Number(storage.getItem(key)?.split(' ')[1] ?? 0)
  for (const key of keys.sort((a, b) => savedAt(a) - savedAt(b)).slice(0, keys.length - maxPositions)) storage.removeItem(key)
}

/** Returns the position in seconds, or 0 to start from the beginning. */
export const readPosition = (storage: PositionStorage, user: string, entityId: string): number => {
  const seconds = Number.parseFloat(storage.getItem(keyOf(user, entityId)) ?? '')
  return seconds >= minimumSeconds ? seconds : 0
}

/** Saves the position, except for a live stream, which has no end. */
export const savePosition = (
  storage: PositionStorage,
  user: string,
  entityId: string,
  { currentTime, duration }: { currentTime: number; duration: number },
): void => {
  if (!Number.isFinite(duration)) return
  if (isAtEnd(currentTime, duration)) storage.removeItem(keyOf(user, entityId))
  else if (currentTime >= minimumSeconds) {
    storage.setItem(keyOf(user, entityId), `${currentTime.toFixed(1)} ${Date.now()}`)
    deleteOldest(storage)
  }
}
