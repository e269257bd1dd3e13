import type { Stripe, StripeEmbeddedCheckout } from '@stripe/stripe-js'

/** Resolves when every earlier checkout is destroyed: Stripe.js allows only one, even if it is still being created. */
let earlierCheckouts = Promise.resolve()

/** A timeout is needed, because Stripe.js never responds if its frame cannot load. */
const creationTimeoutMs = 20_000

interface CheckoutOptions {
  clientSecret: string
  onComplete: () => void
}

/** Rejects after the timeout. If Stripe.js creates the checkout after that, it is destroyed. */
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
  /** Resolves when the checkout is mounted or closed. Rejects if Stripe.js cannot create it, or has not created it after 20 seconds. */
  ready: Promise<void>
  /** Destroys the checkout; if Stripe.js is still creating it, as soon as it exists. */
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
