'use client'

import { EmbeddedCheckout, EmbeddedCheckoutProvider } from '@stripe/react-stripe-js'
import type { Stripe } from '@stripe/stripe-js'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { atOnce } from './network.ts'
import { usePayToView } from './provider.tsx'

export interface EmbeddedPurchaseProps {
  clientSecret: string
  /** The form is done: that is not access yet. */
  onComplete: () => void
  /** Shown while Stripe.js is fetched. */
  loading?: ReactNode
  /** Shown when it cannot be fetched. */
  failure?: (error: Error, retry: () => void) => ReactNode
}

/** Stripe's embedded checkout; give it `key={purchaseId}` where another may follow. */
export const EmbeddedPurchase = ({ clientSecret, onComplete, loading = null, failure }: EmbeddedPurchaseProps): ReactNode => {
  const { stripe } = usePayToView()
  const loaded = useQuery<Stripe | null>({
    ...atOnce,
    queryKey: ['stripe'],
    queryFn: stripe,
    staleTime: Number.POSITIVE_INFINITY,
    retry: 1,
  })
  // The provider takes its options once: a new object would be a change that it refuses.
  const [options] = useState({ clientSecret, onComplete })
  if (loaded.isError) {
    const retry = () => void loaded.refetch()
    return failure ? (
      failure(loaded.error, retry)
    ) : (
      <p role="alert">
        The checkout cannot be loaded.{' '}
        <button type="button" onClick={retry}>
          Try again
        </button>
      </p>
    )
  }
  if (!loaded.data) return loading
  return (
    <EmbeddedCheckoutProvider stripe={loaded.data} options={options}>
      <EmbeddedCheckout />
    </EmbeddedCheckoutProvider>
  )
}
