/** The events of a page that concern a session. */
export interface PageEvents {
  /** The page is back after sleep, or after being offline. */
  onWake(): void
  /** The page is being closed, or kept for the back button. */
  onHide(): void
  /** The back button has brought the page back. */
  onShow(): void
}

/** Listens to the page. Returns the function that stops listening. */
export type WatchPage = (events: PageEvents) => () => void

// The client is compiled for Node too, without the types of the DOM.
declare const document: (EventTarget & { visibilityState: string }) | undefined
declare const window: EventTarget | undefined

/** Listens to the page of a browser; does nothing in a program without one. */
export const watchPage: WatchPage = ({ onWake, onHide, onShow }) => {
  if (typeof document === 'undefined' || typeof window === 'undefined') return () => undefined
  const page = document
  const listening = new AbortController()
  const { signal } = listening
  page.addEventListener('visibilitychange', () => page.visibilityState === 'visible' && onWake(), { signal })
  page.addEventListener('resume', onWake, { signal })
  window.addEventListener('online', onWake, { signal })
  window.addEventListener('focus', onWake, { signal })
  window.addEventListener('pagehide', onHide, { signal })
  window.addEventListener('pageshow', (event) => 'persisted' in event && event.persisted === true && onShow(), { signal })
  return () => listening.abort()
}
