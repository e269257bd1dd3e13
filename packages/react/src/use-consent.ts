'use client'

import type { Outputs } from '@pay-to-view/client'
import { useQuery } from '@tanstack/react-query'
import { type RefObject, useRef, useState } from 'react'
import { networkOptions } from './network-options.ts'
import { usePayToView } from './provider.tsx'
import type { BuyOptions } from './use-purchase.ts'

/** The texts that a buyer must acknowledge before a payment, and their version. */
export type ConsentTerms = NonNullable<Outputs['products']['list']['consent']>
export type Acknowledgment = keyof ConsentTerms['texts']

/** The state of the checkboxes with the acknowledgments. */
export interface Consent {
  /** Null if the server requires no acknowledgments. */
  terms: ConsentTerms | null
  given: Readonly<Record<Acknowledgment, boolean>>
  set: (name: Acknowledgment, isGiven: boolean) => void
  /** The `consent` option for `buy`; undefined until all boxes are checked. */
  value: BuyOptions['consent']
  /** Whether the user tried to buy without checking all boxes. If true, show an error next to the boxes. */
  isMissing: boolean
  /** Returns whether all boxes are checked. If not, sets `isMissing` and focuses the first unchecked box. */
  check: () => boolean
  /** A ref for the element around the checkboxes. */
  container: RefObject<HTMLFieldSetElement | null>
}

/** The query for the acknowledgments that the server requires. The data is null if it requires none. */
const useConsentQuery = () => {
  const { client } = usePayToView()
  return useQuery({
    ...networkOptions,
    queryKey: ['consent'],
    queryFn: async () => (await client.products.list.query({ limit: 1 })).consent,
    staleTime: 300_000,
  })
}

/** Returns the acknowledgments that the server requires. Null if it requires none, and undefined until this is known. */
export const useConsentTerms = (): ConsentTerms | null | undefined => useConsentQuery().data

const nothing = { immediateAccess: false, withdrawalWaived: false }

/**
 * Manages the two checkboxes, which are initially unchecked. `<ConsentFields>` renders them. Set `isRejected` if the server has
 * rejected a purchase because consent was missing (`rejection` in `usePurchase`).
 */
export const useConsent = (terms: ConsentTerms | null | undefined, { isRejected = false } = {}): Consent => {
  const version = terms?.version ?? null
  const [checked, setChecked] = useState({ version, given: nothing })
  const [wasTried, setTried] = useState(false)
  // If the texts change, the boxes must be checked again.
  const given = checked.version === version ? checked.given : nothing
  const container = useRef<HTMLFieldSetElement>(null)
  const isComplete = given.immediateAccess && given.withdrawalWaived
  return {
    terms: terms ?? null,
    given,
    set: (name, isGiven) => setChecked({ version, given: { ...given, [name]: isGiven } }),
    value: terms && isComplete ? { ...given, version: terms.version } : undefined,
    isMissing: (wasTried || isRejected) && !isComplete,
    check: () => {
      if (!terms || isComplete) return true
      setTried(true)
      container.current?.querySelector<HTMLInputElement>('input:not(:checked)')?.focus()
      return false
    },
    container,
  }
}
