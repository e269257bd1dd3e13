import { createPayToViewClient } from '@pay-to-view/client'
import { PayToViewProvider, Paywall, type Purchase } from '@pay-to-view/react'
import { loadStripe } from '@stripe/stripe-js/pure'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'

const queries = new QueryClient()
const client = createPayToViewClient({ url: 'http://127.0.0.1:3000', token: () => sessionStorage.getItem('token') })
const stripe = () => loadStripe('pk_test_your_publishable_key')

const said = {
  creating: 'One moment …',
  opening: 'Payment received, opening …',
  waiting: 'Your bank is not done with it',
  failed: 'Try again',
}

const Locked = ({ purchase, product }: { purchase: Purchase; product: string }) => {
  if (purchase.step === 'checkout' || purchase.step === 'open') return null
  if (purchase.step === 'creating' || purchase.step === 'opening' || purchase.step === 'waiting') {
    return <p role="status">{said[purchase.step]}</p>
  }
  const go = purchase.step === 'failed' ? purchase.retry : () => purchase.buy(product)
  return (
    <button type="button" onClick={go}>
      {purchase.step === 'failed' ? said.failed : 'Buy'}
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
