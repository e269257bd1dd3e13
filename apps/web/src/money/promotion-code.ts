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
/** The code of the last checkout, and the last code that the server rejected. Both are forgotten once they are no longer needed. */
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

/** Removes the code of a link from the URL, so that a reload does not restore it. */
const removeFromUrl = (): void => {
  const url = new URL(window.location.href)
  if (!url.searchParams.has('code')) return
  url.searchParams.delete('code')
  window.history.replaceState(window.history.state, '', url)
}

const isCurrent = (code: string | null): boolean => code !== null && code.trim().toLowerCase() === current.trim().toLowerCase()

/** Call it when a checkout is opened with a code, or with no code. */
export const promotionCodeSent = (code: string | undefined): void => {
  last.sent = code ?? null
}

/** Call it when the checkout has been completed: a code that was used is not offered for the next film. */
export const promotionCodeUsed = (): void => {
  if (isCurrent(last.sent)) setPromotionCode('')
  last.sent = null
}

/** Call it when the server has rejected the code. It stays in the field until the user leaves the page. */
export const promotionCodeRejected = (): void => {
  last.rejected = current
  store('')
  removeFromUrl()
}

/** Applies the code of a link such as `/?code=SUMMER`. The code stays for the tab's session, so it applies to every film. */
export const useLinkedPromotionCode = (): void => {
  const [search] = useSearchParams()
  const [location] = useLocation()
  useLayoutEffect(() => {
    // Also runs for the first page, on which no code has been rejected yet.
    if (location !== '' && isCurrent(last.rejected)) setPromotionCode('')
    last.rejected = null
  }, [location])
  const linked = readable(search.get('code'))
  useLayoutEffect(() => {
    if (linked !== '') set(linked)
  }, [linked])
}

/** Sets the code that the user typed, or forgets the code if it is empty. */
export const setPromotionCode = (code: string): void => {
  set(code)
  removeFromUrl()
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The promotion code from the link that opened the shop, or the one that the user typed. Empty if there is none. */
export const usePromotionCode = (): string => useSyncExternalStore(subscribe, () => current)

export const promotionCodeErrors = {
  unknown: "We don't recognize this code. Check the spelling.",
  expired: 'This code has expired.',
  used_up: 'This code has been used up.',
  not_applicable: "This code can't be used for this purchase.",
} as const satisfies Record<PromotionCodeReason, string>
