import type { Stripe } from '@stripe/stripe-js'
import { loadStripe } from '@stripe/stripe-js/pure'
import type { Config } from './config.ts'

const loadScript = (src: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const script = document.createElement('script')
    script.src = src
    script.onload = () => resolve()
    script.onerror = () => reject(new Error(`Failed to load ${src}`))
    document.head.append(script)
  })

/** Returns a function that loads Stripe.js on its first call. If `stripeJsUrl` is set, it loads that script instead. */
export const createStripeLoader = ({ stripePublishableKey, stripeJsUrl }: Config) => {
  let loading: Promise<Stripe | null> | undefined
  const load = async (): Promise<Stripe | null> => {
    if (stripeJsUrl !== null) await loadScript(stripeJsUrl)
    return loadStripe(stripePublishableKey)
  }
  return (): Promise<Stripe | null> => {
    loading ??= load().catch((error: unknown) => {
      // The next call tries again.
      loading = undefined
      throw error
    })
    return loading
  }
}
