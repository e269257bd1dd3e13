/**
 * The emulator's Stripe.js, which provides `window.Stripe(publishableKey)` with only Embedded Checkout. It works with
 * @stripe/react-stripe-js and with loadStripe from @stripe/stripe-js, which uses an existing window.Stripe. As in Stripe, the
 * form is in an iframe. This is a classic script, so the surrounding block keeps the names out of the page's global scope.
 */
{
  const ORIGIN = new URL(document.currentScript.src).origin

  class IntegrationError extends Error {
    name = 'IntegrationError'
  }

  /** Stripe.js takes 1.5 to 2 seconds to create an Embedded Checkout. The user may have left the page by then. */
  const CREATION_DELAY_MS = Number('EMBEDDED_CHECKOUT_DELAY_MS')

  /** Stripe.js allows only one Embedded Checkout at a time. */
  let active = null

  const findElement = (location) => {
    const found = typeof location === 'string' ? document.querySelector(location) : location
    if (!(found instanceof Element))
      throw new IntegrationError(
        `The selector you specified (${location}) applies to no DOM elements that are currently on the page.`,
      )
    return found
  }

  const embeddedCheckoutPage = (clientSecret, onComplete) => {
    const session = clientSecret.split('_secret_')[0]
    let frame = null
    let destroyed = false

    const onMessage = ({ origin, source, data }) => {
      if (origin !== ORIGIN || !frame || source !== frame.contentWindow || data?.from !== 'stripe-emulator') return
      if (data.type === 'ready') frame.contentWindow.postMessage({ to: 'stripe-emulator', type: 'init', clientSecret }, ORIGIN)
      if (data.type === 'resize' && Number.isFinite(data.height)) frame.style.height = `${data.height}px`
      if (data.type === 'redirect' && new URL(data.url).origin === ORIGIN) window.location.assign(data.url)
      if (data.type === 'complete') {
        if (/^https?:\/\//.test(data.redirect ?? '')) window.location.assign(data.redirect)
        else onComplete?.()
      }
    }

    const checkout = {
      mount(location) {
        if (destroyed) throw new IntegrationError('This Embedded Checkout instance has been destroyed. Create a new one.')
        if (frame) throw new IntegrationError('This Embedded Checkout instance is already mounted.')
        const parent = findElement(location)
        frame = document.createElement('iframe')
        frame.name = 'embedded-checkout'
        frame.title = 'Secure payment form'
        frame.allow = 'payment'
        frame.src = `${ORIGIN}/embed/${encodeURIComponent(session)}?origin=${encodeURIComponent(window.location.origin)}`
        Object.assign(frame.style, { border: '0', width: '100%', height: '620px', display: 'block', colorScheme: 'normal' })
        window.addEventListener('message', onMessage)
        parent.append(frame)
      },
      unmount() {
        window.removeEventListener('message', onMessage)
        frame?.remove()
        frame = null
      },
      destroy() {
        checkout.unmount()
        destroyed = true
        if (active === checkout) active = null
      },
    }
    return checkout
  }

  const notEmulated = (name) => () => {
    throw new IntegrationError(`stripe.${name}() is not available: the Stripe emulator supports only Embedded Checkout.`)
  }

  const Stripe = (publishableKey) => {
    if (typeof publishableKey !== 'string' || !publishableKey.startsWith('pk_'))
      throw new IntegrationError('Stripe() requires a publishable key (pk_…). Never put a secret key (sk_…) into a page.')
    return {
      _registerWrapper() {},
      registerAppInfo() {},
      elements: notEmulated('elements'),
      createToken: notEmulated('createToken'),
      createPaymentMethod: notEmulated('createPaymentMethod'),
      confirmCardPayment: notEmulated('confirmCardPayment'),
      redirectToCheckout: notEmulated('redirectToCheckout'),
      initEmbeddedCheckout() {
        throw new IntegrationError(
          'stripe.initEmbeddedCheckout() has been removed. Use stripe.createEmbeddedCheckoutPage() instead.',
        )
      },
      async createEmbeddedCheckoutPage({ clientSecret, fetchClientSecret, onComplete } = {}) {
        if (active) throw new IntegrationError('You cannot have multiple Embedded Checkout objects.')
        // Set before the fetch, so that a second call during the fetch is also rejected.
        active = {}
        try {
          const secret = clientSecret ?? (await fetchClientSecret?.())
          if (typeof secret !== 'string' || !/^cs_.+_secret_/.test(secret))
            throw new IntegrationError(
              'createEmbeddedCheckoutPage() requires the client secret of a Checkout Session (cs_…_secret_…).',
            )
          await new Promise((resolve) => setTimeout(resolve, CREATION_DELAY_MS))
          active = embeddedCheckoutPage(secret, onComplete)
          return active
        } catch (error) {
          active = null
          throw error
        }
      },
    }
  }

  Stripe.version = 'RELEASE_TRAIN'
  window.Stripe = Stripe
}
