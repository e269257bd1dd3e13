import { EmbeddedCheckout, EmbeddedCheckoutProvider } from '@stripe/react-stripe-js'
import type { Stripe } from '@stripe/stripe-js'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useShop } from '../context.tsx'
import { Failure, Waiting } from '../parts/notice.tsx'

/** Stripe's embedded checkout; give it a key where another may follow. `onComplete` says that the form is done, not that there is access. */
export const Checkout = ({ clientSecret, onComplete }: { clientSecret: string; onComplete: () => void }) => {
  const { stripe } = useShop()
  const loaded = useQuery<Stripe | null>({ queryKey: ['stripe'], queryFn: stripe, staleTime: Number.POSITIVE_INFINITY, retry: 1 })
  // The provider takes its options once: a new object would be a change that it refuses.
  const [options] = useState({ clientSecret, onComplete })
  if (loaded.isError) return <Failure error={loaded.error} retry={() => void loaded.refetch()} />
  if (!loaded.data) return <Waiting what="Opening the checkout …" />
  return (
    <section className="checkout" aria-label="Checkout">
      <EmbeddedCheckoutProvider stripe={loaded.data} options={options}>
        <EmbeddedCheckout />
      </EmbeddedCheckoutProvider>
    </section>
  )
}
