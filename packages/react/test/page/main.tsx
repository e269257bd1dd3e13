import { createPayToViewClient, type PayToViewClient } from '@pay-to-view/client'
import { loadStripe } from '@stripe/stripe-js/pure'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { Shop } from '../../examples/shop.tsx'
import {
  accessPhase,
  EmbeddedPurchase,
  PayToViewProvider,
  Paywall,
  Player,
  type PurchaseOptions,
  useAccess,
  useCountdown,
  usePurchase,
  usePurchases,
} from '../../src/index.ts'

/** The test sets this before the page runs, so tokens stay out of URLs. */
declare global {
  interface Window {
    testConfig: {
      view: 'hooks' | 'shop' | 'paywall' | 'provider'
      api: string
      stripeJs: string
      filmId: string
      productId: string
      /** The options for usePurchase. */
      options: PurchaseOptions
      /** Other entities on the page, whose steps are also shown. */
      otherIds: string[]
      /** Users and tokens. The first user is signed in initially; null means signed out. */
      users: (readonly [name: string, token: string] | null)[]
    }
    /** All steps that have been shown, in order. */
    steps: string[]
  }
}

const { view, api, stripeJs, filmId, productId, options, otherIds, users } = window.testConfig
window.steps = []

const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } })

const OtherEntity = ({ entityId }: { entityId: string }) => <output aria-label={entityId}>{usePurchase(entityId).step}</output>

const HookOutputs = () => {
  const purchase = usePurchase(filmId, options)
  const history = usePurchases({ pageSize: 5 })
  const { data: access } = useAccess(filmId)
  const countdown = useCountdown(purchase.step === 'upcoming' ? purchase.startsAt : null)
  const { step } = purchase
  useEffect(() => {
    if (window.steps.at(-1) !== step) window.steps.push(step)
  }, [step])
  return (
    <>
      <output aria-label="step">{step}</output>
      <output aria-label="status">
        {step === 'offer'
          ? purchase.lastPurchase?.status
          : step === 'waiting'
            ? purchase.reason
            : step === 'ended'
              ? purchase.purchase.status
              : step === 'failed'
                ? JSON.stringify(purchase.rejection)
                : step === 'upcoming'
                  ? purchase.startsAt
                  : ''}
      </output>
      <output aria-label="phase">{access && JSON.stringify(accessPhase(access))}</output>
      <output aria-label="countdown">{countdown?.totalMs}</output>
      <output aria-label="justPurchased">{step === 'unlocked' && String(purchase.justPurchased)}</output>
      <output aria-label="purchases">{history.data?.totalCount}</output>
      <button type="button" onClick={() => purchase.buy(productId)}>
        Buy
      </button>
      <button type="button" onClick={() => purchase.buy(productId, { currency: 'usd', promotionCode: ' ' })}>
        Buy in USD without a code
      </button>
      <button type="button" onClick={() => purchase.buy(productId, { renew: true })}>
        Renew
      </button>
      <button type="button" onClick={purchase.reset}>
        Reset
      </button>
      {step === 'failed' && (
        <button type="button" onClick={purchase.retry}>
          Retry
        </button>
      )}
      {step === 'checkout' && (
        <EmbeddedPurchase key={purchase.purchaseId} clientSecret={purchase.clientSecret} onComplete={purchase.completeCheckout} />
      )}
    </>
  )
}

const PaywallWithPlayer = () => (
  <Paywall
    entityId={filmId}
    locked={(purchase) => (
      <button type="button" onClick={() => purchase.step === 'offer' && purchase.buy(productId)}>
        Buy
      </button>
    )}
  >
    <Player entityId={filmId} title="The film" />
  </Paywall>
)

/** A custom player without media, which shows its start position and reports another position when a button is clicked. */
const CustomPlayer = () => (
  <Player
    entityId={filmId}
    title="The film"
    url="https://media.test/film.mp4"
    providers={{
      own: ({ startAt, setPlaying, setPosition }) => (
        <>
          <output aria-label="startAt">{startAt}</output>
          <button
            type="button"
            onClick={() => {
              setPlaying(true)
              setPosition({ currentTime: 754.5, duration: 5_640 })
            }}
          >
            Play
          </button>
        </>
      ),
    }}
  />
)

/** One client per user, as on a site after sign-in. */
const clients = new Map<string | null, PayToViewClient>(
  [null, ...users].map((user) => [user?.[0] ?? null, createPayToViewClient({ url: api, token: () => user?.[1] ?? null })]),
)
const stripe = () => loadStripe('pk_test_hooks')

const Hooks = () => {
  const [userIndex, setUserIndex] = useState(0)
  const user = users[userIndex]?.[0] ?? null
  const client = clients.get(user)
  if (!client) throw new Error(`No client for ${user}`)
  return (
    <QueryClientProvider client={queries}>
      <PayToViewProvider client={client} user={user} stripe={stripe}>
        {view === 'paywall' && <PaywallWithPlayer />}
        {view === 'provider' && <CustomPlayer />}
        {view === 'hooks' && <HookOutputs />}
        {otherIds.map((entityId) => (
          <OtherEntity key={entityId} entityId={entityId} />
        ))}
        <button type="button" onClick={() => setUserIndex(userIndex + 1)}>
          Next user
        </button>
      </PayToViewProvider>
    </QueryClientProvider>
  )
}

/** loadStripe uses window.Stripe if a script has already defined it. */
const script = document.createElement('script')
script.src = stripeJs
script.onload = () => {
  const root = document.getElementById('root')
  if (!root) throw new Error('Missing element #root')
  const [user] = users
  if (user) sessionStorage.setItem('token', user[1])
  createRoot(root).render(
    <StrictMode>
      {view === 'shop' ? <Shop user={user?.[0] ?? ''} filmId={filmId} productId={productId} /> : <Hooks />}
    </StrictMode>,
  )
}
document.head.append(script)
