import { EmbeddedPurchase } from '@pay-to-view/react'
import { Failure, Waiting } from '../parts/notice.tsx'

/** The embedded checkout, with the shop's words around it. */
export const Checkout = ({ clientSecret, onComplete }: { clientSecret: string; onComplete: () => void }) => (
  <section className="checkout" aria-label="Checkout">
    <EmbeddedPurchase
      clientSecret={clientSecret}
      onComplete={onComplete}
      loading={<Waiting what="Opening the checkout …" />}
      failure={(error, retry) => <Failure error={error} retry={retry} />}
    />
  </section>
)
