import type { Stripe, StripeEmbeddedCheckout } from '@stripe/stripe-js'

/** Resolves when all earlier checkouts have been destroyed. Stripe.js allows only one at a time, including one that is being created. */
let earlierCheckouts = Promise.resolve()

/** A timeout is needed, because Stripe.js never responds if its frame cannot load. */
const creationTimeoutMs = 20_000

interface CheckoutOptions {
  clientSecret: string
  onComplete: () => void
}

/** Rejects after the timeout. If Stripe.js creates the checkout later, the checkout is destroyed. */
const createCheckout = (stripe: Stripe, options: CheckoutOptions): Promise<StripeEmbeddedCheckout> =>
  new Promise((resolve, reject) => {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      reject(new Error('Stripe.js did not create the checkout in time'))
    }, creationTimeoutMs)
    stripe
      .createEmbeddedCheckoutPage(options)
      .then((checkout) => (isLate ? checkout.destroy() : resolve(checkout)), reject)
      .finally(() => clearTimeout(timer))
  })

export interface MountedCheckout {
  /** Resolves when the checkout is mounted or closed. Rejects if Stripe.js fails to create the checkout within 20 seconds. */
  ready: Promise<void>
  /** Destroys the checkout. If Stripe.js is still creating it, it is destroyed as soon as it exists. */
  close: () => void
}

/** Creates Stripe's embedded checkout in an element, after the page's earlier checkouts have been closed. */
export const mountCheckout = (stripe: Stripe, element: HTMLElement, options: CheckoutOptions): MountedCheckout => {
  const closing = new AbortController()
  const closed = new Promise((resolve) => closing.signal.addEventListener('abort', resolve))
  const created = earlierCheckouts.then(() => (closing.signal.aborted ? null : createCheckout(stripe, options)))
  earlierCheckouts = created.then(
    async (checkout) => {
      await closed
      checkout?.destroy()
    },
    () => undefined,
  )
  const ready = created.then((checkout) => {
    if (!closing.signal.aborted) checkout?.mount(element)
  })
  return { ready, close: () => closing.abort() }
}
