import type { Stripe } from '@stripe/stripe-js'

/** Resolves when every earlier checkout is destroyed: Stripe.js allows one at a time, including one that it is still creating. */
let earlierCheckouts = Promise.resolve()

export interface MountedCheckout {
  /** Resolves when the checkout is mounted or closed. Rejects if Stripe.js cannot create it. */
  ready: Promise<void>
  /** Destroys the checkout, or, if Stripe.js is still creating it, as soon as it exists. */
  close: () => void
}

/** Creates Stripe's embedded checkout in an element, after the earlier ones of the page have been closed. */
export const mountCheckout = (
  stripe: Stripe,
  element: HTMLElement,
  options: { clientSecret: string; onComplete: () => void },
): MountedCheckout => {
  const closing = new AbortController()
  const closed = new Promise((resolve) => closing.signal.addEventListener('abort', resolve))
  const created = earlierCheckouts.then(() => (closing.signal.aborted ? null : stripe.createEmbeddedCheckoutPage(options)))
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
