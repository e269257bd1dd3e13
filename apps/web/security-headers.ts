import type { Plugin } from 'vite'

/** Origins that the pages may reach besides their own and Stripe's. */
export interface Reach {
  /** The API and, in the demo, the issuer of tokens. */
  api: readonly string[]
  /** A server whose Stripe.js is taken instead of Stripe's own. */
  stripe: readonly string[]
}

// Source: Stripe's "Integration security guide", Content security policy, for Stripe.js and Checkout.
const stripe = {
  script: ['https://js.stripe.com', 'https://*.js.stripe.com', 'https://checkout.stripe.com'],
  frame: ['https://js.stripe.com', 'https://*.js.stripe.com', 'https://checkout.stripe.com', 'https://hooks.stripe.com'],
  connect: ['https://api.stripe.com', 'https://checkout.stripe.com'],
  image: ['https://*.stripe.com'],
}

const policy = (reach: Reach): string =>
  [
    ["default-src 'none'"],
    ["script-src 'self'", ...stripe.script, ...reach.stripe],
    ["style-src 'self'"],
    ["img-src 'self' data:", ...stripe.image],
    ["font-src 'self'"],
    ["connect-src 'self'", ...stripe.connect, ...reach.api],
    ['frame-src', ...stripe.frame, ...reach.stripe],
    // A film is fetched with its token in a header, and played from memory.
    ["media-src 'self' blob:"],
    ["base-uri 'none'"],
    ["form-action 'self'"],
    ["frame-ancestors 'none'"],
  ]
    .map((directive) => directive.join(' '))
    .join('; ')

/** What every page is sent with. deploy/security-headers.conf says the same where the API is on the pages' own origin. */
export const securityHeaders = (reach: Reach): Record<string, string> => ({
  'Content-Security-Policy': policy(reach),
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  // Some ways to pay open a window that tells this one how it went.
  'Cross-Origin-Opener-Policy': 'same-origin-allow-popups',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
})

const originsOf = (addresses: (string | undefined)[]): string[] =>
  addresses.filter((address) => address !== undefined).map((address) => new URL(address).origin)

/** The same for `vite preview`. Not for `vite`: what it adds to a page while it is being written is inline. */
export const securePages = (): Plugin => ({
  name: 'secure-pages',
  configurePreviewServer: ({ middlewares }) => {
    const { API_URL, DEMO_ISSUER_URL, STRIPE_JS_URL } = process.env
    const headers = securityHeaders({ api: originsOf([API_URL, DEMO_ISSUER_URL]), stripe: originsOf([STRIPE_JS_URL]) })
    middlewares.use((_request, response, next) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
      next()
    })
  },
})
