'use client'

import type { Outputs } from '@pay-to-view/client'
import { useQuery } from '@tanstack/react-query'
import { type RefObject, useRef, useState } from 'react'
import { networkOptions } from './network-options.ts'
import { usePayToView } from './provider.tsx'
import type { BuyOptions } from './use-purchase.ts'

/** The texts that a buyer must acknowledge before a payment, and their version. */
export type ConsentTerms = NonNullable<Outputs['products']['list']['consent']>
export type Acknowledgement = keyof ConsentTerms['texts']

/** The boxes that the buyer has ticked so far. */
export interface Consent {
  /** Null if the server requires nothing. */
  terms: ConsentTerms | null
  given: Readonly<Record<Acknowledgement, boolean>>
  set: (name: Acknowledgement, isGiven: boolean) => void
  /** The option `consent` of `buy`; undefined until everything is ticked. */
  value: BuyOptions['consent']
  /** The user wanted to buy and has not ticked everything since: show an error next to the checkboxes. */
  isMissing: boolean
  /** Returns whether the user may buy. If not, sets `isMissing` and focuses the first checkbox that is not ticked. */
  check: () => boolean
  /** The element around the checkboxes. */
  container: RefObject<HTMLFieldSetElement | null>
}

/** The query for what the server requires buyers to acknowledge: null if it requires nothing. */
export const useConsentQuery = ({ isEnabled = true } = {}) => {
  const { client } = usePayToView()
  return useQuery({
    ...networkOptions,
    queryKey: ['consent'],
    queryFn: async () => (await client.products.list.query({ limit: 1 })).consent,
    staleTime: 300_000,
    enabled: isEnabled,
  })
}

/** Reads what the server requires buyers to acknowledge; null if it requires nothing, undefined until it is known. */
export const useConsentTerms = (): ConsentTerms | null | undefined => useConsentQuery().data

const nothing = { immediateAccess: false, withdrawalWaived: false }

/**
 * The state of the two checkboxes, neither of which is ticked at first. `<ConsentFields>` renders them. With `isRejected`, the server has rejected a
 * purchase without them: `rejection` of `usePurchase`.
 */
export const useConsent = (terms: ConsentTerms | null | undefined, { isRejected = false } = {}): Consent => {
  const version = terms?.version ?? null
  const [ticked, setTicked] = useState({ version, given: nothing })
  const [wasTried, setTried] = useState(false)
  // Other texts must be ticked again.
  const given = ticked.version === version ? ticked.given : nothing
  const container = useRef<HTMLFieldSetElement>(null)
  const isComplete = given.immediateAccess && given.withdrawalWaived
  return {
    terms: terms ?? null,
    given,
    set: (name, isGiven) => setTicked({ version, given: { ...given, [name]: isGiven } }),
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
