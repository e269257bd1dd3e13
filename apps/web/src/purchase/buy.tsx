import type { Outputs } from '@pay-to-view/client'
import { type Purchase, type PurchaseItem, usePurchase } from '@pay-to-view/react'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { useUser } from '../context.tsx'
import { duration, money } from '../format.ts'
import { Failure, Notice, Waiting } from '../parts/notice.tsx'
import { SignInLink } from '../parts/sign-in-link.tsx'
import { Checkout } from './checkout.tsx'
import { lostBy, statusName, waitingFor } from './meaning.ts'

type Product = Outputs['entities']['get']['products'][number]

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

interface BuyProps {
  entityId: string
  title: string
  products: Product[]
}

/** Buying one entity, from the price to the moment that access is there. */
export const Buy = (props: BuyProps) => {
  const { entityId } = props
  const [, navigate] = useLocation()
  const queries = useQueryClient()
  const region = useRef<HTMLDivElement>(null)
  const purchase = usePurchase(entityId)
  const { step } = purchase
  const bought = purchase.step === 'open' && purchase.bought
  useEffect(() => {
    if (bought) navigate(`/watch/${entityId}`)
  }, [bought, entityId, navigate])
  // A step takes what had the focus with it, such as the button that led to the next.
  useEffect(() => {
    if (step !== 'loading' && document.activeElement === document.body)
      region.current?.focus({ preventScroll: step !== 'checkout' })
  }, [step])
  // What was asked for may have been sold at another price, or not at all, since the page was read.
  useEffect(() => {
    if (step === 'checkout' || step === 'failed') void queries.invalidateQueries({ queryKey: ['entity', entityId] })
  }, [step, entityId, queries])
  return (
    <section className="ticket" ref={region} tabIndex={-1} aria-label="Your ticket">
      <Step {...props} purchase={purchase} />
    </section>
  )
}

/** How far it is. */
const Step = ({ entityId, title, products, purchase }: BuyProps & { purchase: Purchase }) => {
  const user = useUser()
  /** What was to be bought, as it was shown. */
  const [wanted, setWanted] = useState<Product | null>(null)
  const buy = (product: Product) => {
    setWanted(product)
    purchase.buy(product.payToViewProductId)
  }
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
          <Notice title="Thank you" tone="good">
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
          <NewPrice shown={wanted} products={products} />
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
      const { title, text } = waitingFor[purchase.reason]
      return (
        <Notice title={title}>
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
          <Prices products={products} user={user} buy={buy} />
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
  products: Product[]
  user: string | null
  buy: (product: Product) => void
}

const Prices = ({ products, user, buy }: PricesProps) => {
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
              <SignInLink>
                Sign in to buy<span className="unseen"> {product.name}</span>
              </SignInLink>
            ) : (
              <button type="button" onClick={() => buy(product)}>
                Buy<span className="unseen"> {product.name}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The price has changed since it was shown: the checkout has the new one. */
const NewPrice = ({ shown, products }: { shown: Product | null; products: Product[] }) => {
  const now = products.find(({ payToViewProductId }) => payToViewProductId === shown?.payToViewProductId)
  if (!shown || !now || (now.amount === shown.amount && now.currency === shown.currency)) return null
  return (
    <p role="status">
      The price has changed: it was {money(shown.amount, shown.currency)}, and is {money(now.amount, now.currency)} now.
    </p>
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
