import { createPayToViewClient } from '@pay-to-view/client'
import { PayToViewProvider, Paywall, type Purchase } from '@pay-to-view/react'
import { loadStripe } from '@stripe/stripe-js/pure'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'

const queries = new QueryClient()
const client = createPayToViewClient({ url: 'http://127.0.0.1:3000', token: () => sessionStorage.getItem('token') })
const stripe = () => loadStripe('pk_test_your_publishable_key')

const statusText = {
  loading: 'Loading…',
  creating: 'Preparing checkout…',
  unlocking: 'Thank you. Opening your film…',
  waiting: 'Your payment is processing. You will get access automatically.',
  upcoming: 'You have bought this film. It opens here when it starts.',
}

const Locked = ({ purchase, productId }: { purchase: Purchase; productId: string }) => {
  const { step } = purchase
  if (step === 'checkout' || step === 'unlocked') return null
  if (step !== 'offer' && step !== 'failed' && step !== 'ended') return <p role="status">{statusText[step]}</p>
  const onClick = step === 'offer' ? () => purchase.buy(productId) : step === 'failed' ? purchase.retry : purchase.reset
  return (
    <button type="button" onClick={onClick}>
      {{ offer: 'Buy', failed: 'Try again', ended: 'This checkout has ended. See purchase options' }[step]}
    </button>
  )
}

export const Shop = ({ user, filmId, productId }: Record<'user' | 'filmId' | 'productId', string>) => (
  <QueryClientProvider client={queries}>
    <PayToViewProvider user={user} stripe={stripe} client={client}>
      <Paywall entityId={filmId} locked={(purchase) => <Locked purchase={purchase} productId={productId} />}>
        <p>The film</p>
      </Paywall>
    </PayToViewProvider>
  </QueryClientProvider>
)
