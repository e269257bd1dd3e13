// The client is compiled for Node too, without the types of the DOM.
declare const localStorage: { getItem(key: string): string | null; setItem(key: string, value: string): void }

const key = 'pay-to-view-device'

/** The id of this browser: its next session replaces the last one. Undefined if storage is blocked, or without a browser. */
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
