import type { PromotionCodeReason } from '@pay-to-view/react'
import { useLayoutEffect, useSyncExternalStore } from 'react'
import { useLocation, useSearchParams } from 'wouter'

const storageKey = 'pay-to-view-promotion-code'
const maxLength = 500

const readable = (code: string | null): string => (code !== null && code.length <= maxLength ? code.trim() : '')

const readStored = (): string => {
  try {
    return readable(sessionStorage.getItem(storageKey))
  } catch {
    return ''
  }
}

let current = readStored()
/** The code that was sent with the last checkout, and the last code that the server rejected. */
const last: Record<'sent' | 'rejected', string | null> = { sent: null, rejected: null }
const listeners = new Set<() => void>()

const store = (code: string): void => {
  try {
    if (code.trim() === '') sessionStorage.removeItem(storageKey)
    else sessionStorage.setItem(storageKey, code.trim())
  } catch {
    // Storage is blocked, so a reload loses the code.
  }
}

const set = (code: string): void => {
  current = code
  store(code)
  for (const listener of listeners) listener()
}

/** Removes a link's code from the URL, so a reload does not restore it. */
const removeFromUrl = (): void => {
  const url = new URL(window.location.href)
  if (!url.searchParams.has('code')) return
  url.searchParams.delete('code')
  window.history.replaceState(window.history.state, '', url)
}

const isCurrent = (code: string | null): boolean => code !== null && code.trim().toLowerCase() === current.trim().toLowerCase()

/** Call this when a checkout is opened, with the checkout's promotion code if it has one. */
export const promotionCodeSent = (code: string | undefined): void => {
  last.sent = code ?? null
}

/** Call this when a checkout has been completed. The code that was used is not applied to the next film. */
export const promotionCodeUsed = (): void => {
  if (isCurrent(last.sent)) setPromotionCode('')
  last.sent = null
}

/** Call this when the server has rejected the code. The code stays in the field until the user navigates to another page. */
export const promotionCodeRejected = (): void => {
  last.rejected = current
  store('')
  removeFromUrl()
}

/** Applies the code from a link such as `/?code=SUMMER`. The code is kept in session storage, so it applies to every film. */
export const useLinkedPromotionCode = (): void => {
  const [search] = useSearchParams()
  const [location] = useLocation()
  useLayoutEffect(() => {
    // This effect also runs for the first page, where no code has been rejected yet.
    if (location !== '' && isCurrent(last.rejected)) setPromotionCode('')
    last.rejected = null
  }, [location])
  const linked = readable(search.get('code'))
  useLayoutEffect(() => {
    if (linked !== '') set(linked)
  }, [linked])
}

/** Sets the code that the user typed. An empty string removes the code. */
export const setPromotionCode = (code: string): void => {
  set(code)
  removeFromUrl()
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The promotion code from a link, or the code that the user typed. Empty if there is no code. */
export const usePromotionCode = (): string => useSyncExternalStore(subscribe, () => current)

export const promotionCodeErrors = {
  unknown: "We don't recognize this code. Check the spelling.",
  expired: 'This code has expired.',
  used_up: 'This code has been used up.',
  not_applicable: "This code can't be used for this purchase.",
} as const satisfies Record<PromotionCodeReason, string>
