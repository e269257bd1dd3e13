'use client'

import type { Stripe } from '@stripe/stripe-js'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { mountCheckout } from './mount-checkout.ts'
import { networkOptions } from './network-options.ts'
import { usePayToView } from './provider.tsx'

export interface EmbeddedPurchaseProps {
  clientSecret: string
  /** Called when the user has completed the form. Access is granted later. */
  onComplete: () => void
  /** Shown while Stripe.js loads and creates the checkout. */
  loading?: ReactNode
  /** Shown when Stripe.js fails to load or to create the checkout. */
  failure?: (error: Error, retry: () => void) => ReactNode
}

/** Renders Stripe's embedded checkout. Stripe.js allows one checkout per page, so a second checkout appears only after the first has been removed. */
export const EmbeddedPurchase = ({ clientSecret, onComplete, loading = null, failure }: EmbeddedPurchaseProps): ReactNode => {
  const { stripe } = usePayToView()
  const stripeJs = useQuery<Stripe | null>({
    ...networkOptions,
    queryKey: ['stripe'],
    queryFn: stripe,
    staleTime: Number.POSITIVE_INFINITY,
    retry: 1,
  })
  const checkout = useCheckout(stripeJs.data ?? null, clientSecret, onComplete)
  const error = stripeJs.error ?? checkout.error
  if (error) {
    const retry = () => (stripeJs.isError ? void stripeJs.refetch() : checkout.retry())
    return failure ? (
      failure(error, retry)
    ) : (
      <p role="alert">
        Checkout couldn't load.{' '}
        <button type="button" onClick={retry}>
          Try again
        </button>
      </p>
    )
  }
  return (
    <>
      {checkout.isReady ? null : loading}
      <div ref={checkout.container} />
    </>
  )
}

interface Mount {
  isReady: boolean
  error: Error | null
}

/** Mounts a checkout in `container` while the component is rendered. `retry` creates the checkout again after an error. */
const useCheckout = (stripe: Stripe | null, clientSecret: string, onComplete: () => void) => {
  const container = useRef<HTMLDivElement>(null)
  const completed = useRef(onComplete)
  const [{ isReady, error }, setMount] = useState<Mount>({ isReady: false, error: null })
  useEffect(() => {
    completed.current = onComplete
  })
  useEffect(() => {
    if (!stripe || !container.current || error) return
    let isCurrent = true
    const set = (mount: Mount) => isCurrent && setMount(mount)
    set({ isReady: false, error: null })
    const { ready, close } = mountCheckout(stripe, container.current, { clientSecret, onComplete: () => completed.current() })
    ready.then(
      () => set({ isReady: true, error: null }),
      (error: Error) => set({ isReady: false, error }),
    )
    return () => {
      isCurrent = false
      close()
    }
  }, [stripe, clientSecret, error])
  return { container, isReady, error, retry: () => setMount({ isReady: false, error: null }) }
}
