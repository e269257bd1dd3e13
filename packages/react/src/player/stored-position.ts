import { readPosition, savePosition } from './position.ts'

/** Calls `use` with the page's storage. Returns undefined if storage is blocked or full. */
const withStorage = <T>(use: (storage: Storage) => T): T | undefined => {
  try {
    return use(localStorage)
  } catch {
    return undefined
  }
}

/** The position and the duration of the media in seconds, as in a video element. The duration of a live stream is infinite. */
export interface MediaPosition {
  currentTime: number
  duration: number
}

/** The interval at which the position is saved during playback. */
export const saveIntervalMs = 5_000

/** Returns the position that was saved on this device, or 0 to start from the beginning. */
export const readStoredPosition = (user: string, entityId: string): number =>
  withStorage((storage) => readPosition(storage, user, entityId)) ?? 0

/** Saves the position on this device. */
export const storePosition = (user: string, entityId: string, position: MediaPosition): void =>
  withStorage((storage) => savePosition(storage, user, entityId, position))
