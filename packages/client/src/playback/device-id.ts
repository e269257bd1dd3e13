// The client is also compiled for Node, without the DOM types.
declare const localStorage: { getItem(key: string): string | null; setItem(key: string, value: string): void }

const key = 'pay-to-view-device'

/** This browser's id. A new session with the same id replaces the previous session. Undefined if storage is blocked or there is no browser. */
export const browserDeviceId = (): string | undefined => {
  try {
    const existing = localStorage.getItem(key)
    if (existing !== null) return existing
    const created = crypto.randomUUID()
    localStorage.setItem(key, created)
    return created
  } catch {
    return undefined
  }
}
