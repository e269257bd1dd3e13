import type { Outputs } from '@pay-to-view/client'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { useShop, useUser } from '../context.tsx'
import { duration, money } from '../format.ts'
import { Failure, Notice, Waiting } from '../parts/notice.tsx'
import { Checkout } from './checkout.tsx'
import { useAccess } from './use-access.ts'

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
} as const

/** Buying one entity, from the price to the moment that access is there. */
export const Buy = ({ entityId, title, products }: { entityId: string; title: string; products: Product[] }) => {
  const { client } = useShop()
  const user = useUser()
  const [, navigate] = useLocation()
  const [paid, setPaid] = useState(false)
  const access = useAccess(entityId, paid)
  const create = useMutation({
    mutationFn: (product: Product) =>
      client.purchases.create.mutate({
        payToViewProductId: product.payToViewProductId,
        entityId,
        returnUrl: window.location.href,
      }),
    onSuccess: (created) => {
      if (created.hasAccess) void access.refetch()
    },
  })
  const hasAccess = access.data?.hasAccess === true
  const bought = hasAccess && (paid || create.data?.hasAccess === true)
  useEffect(() => {
    if (bought) navigate(`/watch/${entityId}`)
  }, [bought, entityId, navigate])

  if (hasAccess) {
    return (
      <Notice title="You have this" tone="good">
        <p>
          <Link className="button" href={`/watch/${entityId}`}>
            Open {title}
          </Link>
        </p>
      </Notice>
    )
  }
  if (paid) {
    return (
      <>
        <Notice title="Payment received" tone="good">
          <Waiting what={`Opening ${title} …`} />
        </Notice>
        <SlowPayment />
      </>
    )
  }
  if (create.isPending) return <Waiting what="Making your checkout …" />
  if (create.isError) return <Failure error={create.error} retry={() => create.variables && create.mutate(create.variables)} />
  const created = create.data
  if (created?.success) {
    return (
      <>
        <Checkout key={created.purchaseId} clientSecret={created.clientSecret} onComplete={() => setPaid(true)} />
        <button type="button" className="quiet" onClick={() => create.reset()}>
          Back to the prices
        </button>
      </>
    )
  }
  if (created && 'reason' in created) {
    const [heading, text] = reasons[created.reason]
    return (
      <Notice title={heading}>
        <p>{text}</p>
        <Link href="/purchases">My purchases</Link>
      </Notice>
    )
  }
  if (products.length === 0) return <Notice title="Not on sale now">Look again another day.</Notice>
  return (
    <section aria-labelledby="prices">
      <h2 id="prices">Choose how</h2>
      <ul className="prices">
        {products.map((product) => (
          <li key={product.payToViewProductId}>
            <span className="price">{money(product.amount, product.currency)}</span>
            <span className="terms">
              {product.name}
              <small>{duration(product.accessDurationDays)}</small>
            </span>
            {user === null ? (
              <Link className="button" href={`/sign-in?next=${encodeURIComponent(`/e/${entityId}`)}`}>
                Sign in to buy<span className="unseen"> {product.name}</span>
              </Link>
            ) : (
              <button type="button" onClick={() => create.mutate(product)}>
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
