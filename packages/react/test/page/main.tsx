import { createPayToViewClient, type PayToViewClient } from '@pay-to-view/client'
import { loadStripe } from '@stripe/stripe-js/pure'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { Shop } from '../../examples/shop.tsx'
import { EmbeddedPurchase, PayToViewProvider, usePurchase, usePurchases } from '../../src/index.ts'

/** Set by the test before the page runs: no address holds a token. */
declare global {
  interface Window {
    given: {
      shows: 'hooks' | 'shop'
      api: string
      stripeJs: string
      film: string
      product: string
      /** What else is on the page: the step of each is shown. */
      others: string[]
      /** Names and tokens; the first one is signed in at the start, null for nobody. */
      users: (readonly [name: string, token: string] | null)[]
    }
    /** Every step that was shown, in order. */
    steps: string[]
  }
}

const { shows, api, stripeJs, film, product, others, users } = window.given
window.steps = []

const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } })

const Other = ({ entityId }: { entityId: string }) => <output aria-label={entityId}>{usePurchase(entityId).step}</output>

const Probe = () => {
  const purchase = usePurchase(film)
  const history = usePurchases({ pageSize: 5 })
  const { step } = purchase
  useEffect(() => {
    if (window.steps.at(-1) !== step) window.steps.push(step)
  }, [step])
  return (
    <>
      <output aria-label="step">{step}</output>
      <output aria-label="status">
        {step === 'offer'
          ? purchase.last?.status
          : step === 'waiting'
            ? purchase.reason
            : step === 'ended'
              ? purchase.purchase.status
              : ''}
      </output>
      <output aria-label="purchases">{history.data?.totalCount}</output>
      <button type="button" onClick={() => purchase.buy(product)}>
        Buy
      </button>
      <button type="button" onClick={purchase.leave}>
        Leave
      </button>
      {step === 'failed' && (
        <button type="button" onClick={purchase.retry}>
          Retry
        </button>
      )}
      {step === 'checkout' && (
        <EmbeddedPurchase key={purchase.purchaseId} clientSecret={purchase.clientSecret} onComplete={purchase.completed} />
      )}
    </>
  )
}

/** A client for each user, as a site has after a sign-in. */
const clients = new Map<string | null, PayToViewClient>(
  [null, ...users].map((user) => [user?.[0] ?? null, createPayToViewClient({ url: api, token: () => user?.[1] ?? null })]),
)
const stripe = () => loadStripe('pk_test_hooks')

const Hooks = () => {
  const [at, setAt] = useState(0)
  const user = users[at]?.[0] ?? null
  const client = clients.get(user)
  if (!client) throw new Error(`${user} has no client`)
  return (
    <QueryClientProvider client={queries}>
      <PayToViewProvider client={client} user={user} stripe={stripe}>
        <Probe />
        {others.map((entityId) => (
          <Other key={entityId} entityId={entityId} />
        ))}
        <button type="button" onClick={() => setAt(at + 1)}>
          Next user
        </button>
      </PayToViewProvider>
    </QueryClientProvider>
  )
}

/** loadStripe takes the Stripe that it finds. */
const script = document.createElement('script')
script.src = stripeJs
script.onload = () => {
  const root = document.getElementById('root')
  if (!root) throw new Error('The page has no element with the id root')
  const [user] = users
  if (user) sessionStorage.setItem('token', user[1])
  createRoot(root).render(
    <StrictMode>{shows === 'shop' ? <Shop user={user?.[0] ?? ''} film={film} product={product} /> : <Hooks />}</StrictMode>,
  )
}
document.head.append(script)
