import { useSyncExternalStore } from 'react'

const subscribe = (listener: () => void) => {
  for (const event of ['online', 'offline']) window.addEventListener(event, listener)
  return () => {
    for (const event of ['online', 'offline']) window.removeEventListener(event, listener)
  }
}

/** Says so while the browser has no network: what is on the page may be old. */
export const Offline = () => {
  const online = useSyncExternalStore(subscribe, () => navigator.onLine)
  return (
    <div role="status" className={online ? 'unseen' : 'offline'}>
      {!online && 'You are offline. What you see may be old; it follows by itself when you are back.'}
    </div>
  )
}
