const reloadedKey = 'pay-to-view-reloaded-for-chunk'

/** Returns false if the page has already been reloaded, or if storage is blocked, because the page could then reload indefinitely. */
const markReloaded = (): boolean => {
  try {
    if (sessionStorage.getItem(reloadedKey) !== null) return false
    sessionStorage.setItem(reloadedKey, 'true')
    return true
  } catch {
    return false
  }
}

const clearReloaded = (): void => {
  try {
    sessionStorage.removeItem(reloadedKey)
  } catch {
    // Storage is blocked, so there is no mark to remove.
  }
}

/**
 * Loads a chunk of the app. A release removes the previous version's chunks, so if a chunk is missing, the page is reloaded once
 * to get the current version. If the chunk is still missing, the error is thrown.
 */
export const loadChunk = async <Module>(load: () => Promise<Module>): Promise<Module> => {
  try {
    const module = await load()
    clearReloaded()
    return module
  } catch (error) {
    if (!navigator.onLine || !markReloaded()) throw error
    window.location.reload()
    // Keeps the loading state until the page is replaced.
    return new Promise(() => undefined)
  }
}
