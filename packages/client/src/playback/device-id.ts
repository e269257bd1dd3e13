// The client is compiled for Node too, without the types of the DOM.
declare const localStorage: { getItem(key: string): string | null; setItem(key: string, value: string): void }

const key = 'pay-to-view-device'

/** The id of this browser, by which a new session replaces the previous one. Undefined if storage is blocked or there is no browser. */
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
