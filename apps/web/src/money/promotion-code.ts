import type { PromotionCodeReason } from '@pay-to-view/react'
import { useLayoutEffect, useSyncExternalStore } from 'react'
import { useSearchParams } from 'wouter'

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
const listeners = new Set<() => void>()

const set = (code: string): void => {
  current = code
  try {
    if (code.trim() === '') sessionStorage.removeItem(storageKey)
    else sessionStorage.setItem(storageKey, code.trim())
  } catch {
    // Storage is blocked, so a reload loses the code.
  }
  for (const listener of listeners) listener()
}

/** Applies the code of a link such as `/?code=SUMMER`. The code stays for the tab's session, so it applies to every film. */
export const useLinkedPromotionCode = (): void => {
  const [search] = useSearchParams()
  const linked = readable(search.get('code'))
  useLayoutEffect(() => {
    if (linked !== '') set(linked)
  }, [linked])
}

/** Sets the code that the user typed. The code from a link is removed from the URL, so that a reload does not restore it. */
export const setPromotionCode = (code: string): void => {
  set(code)
  const url = new URL(window.location.href)
  if (!url.searchParams.has('code')) return
  url.searchParams.delete('code')
  window.history.replaceState(window.history.state, '', url)
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The promotion code from the link that opened the shop, or the one that the user typed. Empty if there is none. */
export const usePromotionCode = (): string => useSyncExternalStore(subscribe, () => current)

export const promotionCodeErrors = {
  unknown: "We don't know this code. Check the spelling.",
  expired: 'This code has expired.',
  used_up: 'This code has been used up.',
  not_applicable: "This code can't be used for this purchase.",
} as const satisfies Record<PromotionCodeReason, string>
