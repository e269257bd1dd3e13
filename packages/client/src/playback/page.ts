/** The page events that a session handles. */
export interface PageEvents {
  /** The page becomes visible or gets the focus, resumes after sleep, or is online again. */
  onWake(): void
  /** The page is closing, or enters the back-forward cache. */
  onHide(): void
  /** The page is restored from the back-forward cache. */
  onShow(): void
}

/** Listens to page events. Returns a function that stops listening. */
export type WatchPage = (events: PageEvents) => () => void

// The client is also compiled for Node, without the DOM types.
declare const document: (EventTarget & { visibilityState: string }) | undefined
declare const window: EventTarget | undefined

/** Listens to the events of a browser page. Does nothing outside a browser. */
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
