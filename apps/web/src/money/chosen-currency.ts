import { useMemo, useSyncExternalStore } from 'react'
import { currenciesOfLanguages } from './region-currency.ts'

const storageKey = 'pay-to-view-currency'

const readStored = (): string | null => {
  try {
    const stored = localStorage.getItem(storageKey)
    return stored !== null && /^[a-z]{3}$/.test(stored) ? stored : null
  } catch {
    return null
  }
}

let chosen = readStored()
const listeners = new Set<() => void>()

const set = (currency: string | null): void => {
  chosen = currency
  for (const listener of listeners) listener()
}

// Applies a choice from another tab to this tab.
window.addEventListener('storage', (event) => {
  if (event.key === storageKey || event.key === null) set(readStored())
})

export const chooseCurrency = (currency: string): void => {
  try {
    localStorage.setItem(storageKey, currency)
  } catch {
    // Storage is blocked, so the choice lasts only until the page closes.
  }
  set(currency)
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The user's chosen currency, or null. */
export const useChosenCurrency = (): string | null => useSyncExternalStore(subscribe, () => chosen)

/**
 * Returns the currencies in which prices are shown, preferred first: the user's choice, then the currencies of the browser's
 * languages.
 */
export const useCurrencies = (): readonly string[] => {
  const choice = useChosenCurrency()
  return useMemo(() => [...(choice === null ? [] : [choice]), ...currenciesOfLanguages(navigator.languages)], [choice])
}
