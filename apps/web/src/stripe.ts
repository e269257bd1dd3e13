import type { Stripe } from '@stripe/stripe-js'
import { loadStripe } from '@stripe/stripe-js/pure'
import type { Config } from './config.ts'

const loadScript = (src: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const script = document.createElement('script')
    script.src = src
    script.onload = () => resolve()
    script.onerror = () => reject(new Error('Stripe cannot be loaded'))
    document.head.append(script)
  })

/** Stripe.js, when it is first needed. A script of the configuration that defines window.Stripe is taken instead of Stripe's own. */
export const createStripeLoader = ({ stripePublishableKey, stripeJsUrl }: Config) => {
  let loading: Promise<Stripe | null> | undefined
  const load = async (): Promise<Stripe | null> => {
    if (stripeJsUrl !== null) await loadScript(stripeJsUrl)
    return loadStripe(stripePublishableKey)
  }
  return (): Promise<Stripe | null> => {
    loading ??= load().catch((error: unknown) => {
      // The next try may find the network again.
      loading = undefined
      throw error
    })
    return loading
  }
}
