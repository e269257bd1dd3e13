'use client'

import { EmbeddedCheckout, EmbeddedCheckoutProvider } from '@stripe/react-stripe-js'
import type { Stripe } from '@stripe/stripe-js'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { networkOptions } from './network-options.ts'
import { usePayToView } from './provider.tsx'

export interface EmbeddedPurchaseProps {
  clientSecret: string
  /** Called when the user has completed the form. Access is granted later. */
  onComplete: () => void
  /** Shown while Stripe.js loads. */
  loading?: ReactNode
  /** Shown when Stripe.js fails to load. */
  failure?: (error: Error, retry: () => void) => ReactNode
}

/** Renders Stripe's embedded checkout. Pass `key={purchaseId}` if the purchase can change. */
export const EmbeddedPurchase = ({ clientSecret, onComplete, loading = null, failure }: EmbeddedPurchaseProps): ReactNode => {
  const { stripe } = usePayToView()
  const stripeJs = useQuery<Stripe | null>({
    ...networkOptions,
    queryKey: ['stripe'],
    queryFn: stripe,
    staleTime: Number.POSITIVE_INFINITY,
    retry: 1,
  })
  // EmbeddedCheckoutProvider rejects changed options, so they keep the same identity.
  const [options] = useState({ clientSecret, onComplete })
  if (stripeJs.isError) {
    const retry = () => void stripeJs.refetch()
    return failure ? (
      failure(stripeJs.error, retry)
    ) : (
      <p role="alert">
        Checkout couldn't load.{' '}
        <button type="button" onClick={retry}>
          Try again
        </button>
      </p>
    )
  }
  if (!stripeJs.data) return loading
  return (
    <EmbeddedCheckoutProvider stripe={stripeJs.data} options={options}>
      <EmbeddedCheckout />
    </EmbeddedCheckoutProvider>
  )
}
