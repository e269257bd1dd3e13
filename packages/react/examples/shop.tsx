import { createPayToViewClient } from '@pay-to-view/client'
import { PayToViewProvider, Paywall, type Purchase } from '@pay-to-view/react'
import { loadStripe } from '@stripe/stripe-js/pure'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'

const queries = new QueryClient()
const client = createPayToViewClient({ url: 'http://127.0.0.1:3000', token: () => sessionStorage.getItem('token') })
const stripe = () => loadStripe('pk_test_your_publishable_key')

const said = {
  loading: 'One moment …',
  creating: 'One moment …',
  opening: 'Thank you. Opening …',
  waiting: 'Your payment is not through yet: this opens by itself',
}

const Locked = ({ purchase, product }: { purchase: Purchase; product: string }) => {
  const { step } = purchase
  if (step === 'checkout' || step === 'open') return null
  if (step !== 'offer' && step !== 'failed' && step !== 'ended') return <p role="status">{said[step]}</p>
  const go = step === 'offer' ? () => purchase.buy(product) : step === 'failed' ? purchase.retry : purchase.leave
  return (
    <button type="button" onClick={go}>
      {{ offer: 'Buy', failed: 'Try again', ended: 'This checkout has ended: begin again' }[step]}
    </button>
  )
}

export const Shop = ({ user, film, product }: Record<'user' | 'film' | 'product', string>) => (
  <QueryClientProvider client={queries}>
    <PayToViewProvider user={user} stripe={stripe} client={client}>
      <Paywall entityId={film} locked={(purchase) => <Locked purchase={purchase} product={product} />}>
        <p>The film</p>
      </Paywall>
    </PayToViewProvider>
  </QueryClientProvider>
)
