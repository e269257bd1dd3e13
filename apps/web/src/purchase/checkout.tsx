import { EmbeddedPurchase } from '@pay-to-view/react'
import { ErrorNotice, Loading } from '../components/notice.tsx'

export const Checkout = ({ clientSecret, onComplete }: { clientSecret: string; onComplete: () => void }) => (
  <section className="checkout" aria-label="Checkout">
    <EmbeddedPurchase
      clientSecret={clientSecret}
      onComplete={onComplete}
      loading={<Loading label="Loading checkout…" />}
      failure={(error, retry) => <ErrorNotice error={error} retry={retry} />}
    />
  </section>
)
