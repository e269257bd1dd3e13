import type { Outputs } from '@pay-to-view/client'
import { type PurchaseItem, usePurchase, type WaitingReason } from '@pay-to-view/react'
import { useEffect, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { useUser } from '../context.tsx'
import { duration, money } from '../format.ts'
import { Failure, Notice, Waiting } from '../parts/notice.tsx'
import { Checkout } from './checkout.tsx'
import { lostBy, statusName } from './meaning.ts'

type Product = Outputs['entities']['get']['products'][number]

const reasons = {
  payment_processing: [
    'Your payment is on its way',
    'Your bank is still working on it, which can take a few days. Access opens by itself.',
  ],
  payment_review: [
    'We are looking at your payment',
    'Something about it is not as we quoted. We will give you access or your money back.',
  ],
  disputed: [
    'Your bank disputes an earlier payment',
    'Until that is settled, this cannot be bought again. Please ask your bank, or us.',
  ],
} as const satisfies Record<WaitingReason, readonly [string, string]>

/** How the checkout of this page ended. */
const ends: Partial<Record<string, string>> = {
  Expired: 'This checkout has ended',
  Failed: 'The payment failed',
  Refunded: 'This was refunded',
}

const endings: Partial<Record<string, string>> = {
  Refunded: 'You have your money back.',
  ChargedBack: 'Your bank took the payment back.',
}

/** Buying one entity, from the price to the moment that access is there. */
export const Buy = ({ entityId, title, products }: { entityId: string; title: string; products: Product[] }) => {
  const user = useUser()
  const [, navigate] = useLocation()
  const purchase = usePurchase(entityId)
  const bought = purchase.step === 'open' && purchase.bought
  useEffect(() => {
    if (bought) navigate(`/watch/${entityId}`)
  }, [bought, entityId, navigate])

  switch (purchase.step) {
    case 'open':
      return (
        <Notice title="You have this" tone="good">
          <p>
            <Link className="button" href={`/watch/${entityId}`}>
              Open <bdi>{title}</bdi>
            </Link>
          </p>
        </Notice>
      )
    case 'opening':
      return (
        <>
          <Notice title="Payment received" tone="good">
            <Waiting what={`Opening ${title} …`} />
          </Notice>
          <SlowPayment />
        </>
      )
    case 'loading':
      return <Waiting what="Looking for your ticket …" />
    case 'creating':
      return <Waiting what="Making your checkout …" />
    case 'failed':
      return (
        <Failure
          error={purchase.error}
          retry={purchase.retry}
          onward={
            <button type="button" onClick={purchase.leave}>
              Back to the prices
            </button>
          }
        />
      )
    case 'checkout':
      return (
        <>
          <Checkout key={purchase.purchaseId} clientSecret={purchase.clientSecret} onComplete={purchase.completed} />
          <button type="button" className="quiet" onClick={purchase.leave}>
            Back to the prices
          </button>
        </>
      )
    case 'ended':
      return (
        <Notice title={ends[purchase.purchase.status] ?? statusName(purchase.purchase.status)} tone="bad">
          <p>{endings[purchase.purchase.status] ?? 'Nothing was charged.'} You can buy it again.</p>
          <button type="button" onClick={purchase.leave}>
            Start again
          </button>
        </Notice>
      )
    case 'waiting': {
      const [heading, text] = reasons[purchase.reason]
      return (
        <Notice title={heading}>
          <p>{text}</p>
          <p>
            <Link href={`/purchases/${purchase.purchaseId}`}>Details of the purchase</Link>
          </p>
        </Notice>
      )
    }
    case 'offer':
      return (
        <>
          {purchase.last && <Before purchase={purchase.last} />}
          <Prices entityId={entityId} products={products} user={user} buy={purchase.buy} />
        </>
      )
    default:
      return purchase satisfies never
  }
}

/** What became of the last purchase, above the prices. */
const Before = ({ purchase }: { purchase: PurchaseItem }) => {
  const lost =
    purchase.status === 'Failed' ? { title: 'Your last payment failed', text: 'Nothing was charged.' } : lostBy(purchase)
  if (lost === null) return null
  return (
    <p className="before">
      <strong>{lost.title}.</strong> {lost.text} <Link href={`/purchases/${purchase.purchaseId}`}>Details of the purchase</Link>
    </p>
  )
}

interface PricesProps {
  entityId: string
  products: Product[]
  user: string | null
  buy: (payToViewProductId: string) => void
}

const Prices = ({ entityId, products, user, buy }: PricesProps) => {
  if (products.length === 0)
    return (
      <Notice title="Not on sale now">
        <p>Look again another day.</p>
      </Notice>
    )
  return (
    <section aria-labelledby="prices">
      <h2 id="prices">Choose how</h2>
      <ul className="prices">
        {products.map((product) => (
          <li key={product.payToViewProductId}>
            <span className="price">{money(product.amount, product.currency)}</span>
            <span className="terms">
              <bdi>{product.name}</bdi>
              <small>{duration(product.accessDurationDays)}</small>
            </span>
            {user === null ? (
              <Link className="button" href={`/sign-in?next=${encodeURIComponent(`/e/${entityId}`)}`}>
                Sign in to buy<span className="unseen"> {product.name}</span>
              </Link>
            ) : (
              <button type="button" onClick={() => buy(product.payToViewProductId)}>
                Buy<span className="unseen"> {product.name}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** A bank debit completes the form days before the money comes: after a while the page says so. */
const SlowPayment = () => {
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 8_000)
    return () => clearTimeout(timer)
  }, [])
  if (!slow) return null
  return (
    <p role="status">
      This takes longer than usual: some banks need a few days. You may close this page;{' '}
      <Link href="/purchases">My purchases</Link> shows how far it is.
    </p>
  )
}
