import { useSyncExternalStore } from 'react'

const subscribe = (listener: () => void) => {
  for (const event of ['online', 'offline']) window.addEventListener(event, listener)
  return () => {
    for (const event of ['online', 'offline']) window.removeEventListener(event, listener)
  }
}

/** Always rendered, so screen readers announce the text when it appears. */
export const OfflineBanner = () => {
  const isOnline = useSyncExternalStore(subscribe, () => navigator.onLine)
  return (
    <div role="status" className={isOnline ? 'visually-hidden' : 'offline'}>
      {!isOnline && "You're offline. Some information may be out of date. It updates when you reconnect."}
    </div>
  )
}
