import { EmbeddedPurchase } from '@pay-to-view/react'
import { useEffect, useRef } from 'react'
import { Failure, Waiting } from '../parts/notice.tsx'

/** The embedded checkout, with the shop's words around it. */
export const Checkout = ({ clientSecret, onComplete }: { clientSecret: string; onComplete: () => void }) => {
  const section = useRef<HTMLElement>(null)
  // The button that had the focus is gone.
  useEffect(() => section.current?.focus(), [])
  return (
    <section className="checkout" aria-label="Checkout" ref={section} tabIndex={-1}>
      <EmbeddedPurchase
        clientSecret={clientSecret}
        onComplete={onComplete}
        loading={<Waiting what="Opening the checkout …" />}
        failure={(error, retry) => <Failure error={error} retry={retry} />}
      />
    </section>
  )
}
