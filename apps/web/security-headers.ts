import type { Plugin } from 'vite'

/** Origins that the pages may use in addition to their own and Stripe's. */
export interface AllowedOrigins {
  /** The API server and, in the demo, the token issuer. */
  api: readonly string[]
  /** The server of a script that replaces Stripe.js, such as the emulator. */
  stripe: readonly string[]
  /** The origins from which hls.js fetches the films. */
  media: readonly string[]
  /** The origins of the catalog's images, or a scheme that allows every origin. */
  images: readonly string[]
}

// Source: "Content security policy" in Stripe's "Integration security guide", for Stripe.js and Checkout.
const stripe = {
  script: ['https://js.stripe.com', 'https://*.js.stripe.com', 'https://checkout.stripe.com'],
  frame: ['https://js.stripe.com', 'https://*.js.stripe.com', 'https://checkout.stripe.com', 'https://hooks.stripe.com'],
  connect: ['https://api.stripe.com', 'https://checkout.stripe.com'],
  image: ['https://*.stripe.com'],
}

const contentSecurityPolicy = (allowed: AllowedOrigins): string =>
  [
    ["default-src 'none'"],
    ["script-src 'self'", ...stripe.script, ...allowed.stripe],
    ["style-src 'self'"],
    ["img-src 'self' data:", ...stripe.image, ...allowed.images],
    ["font-src 'self'"],
    ["connect-src 'self'", ...stripe.connect, ...allowed.api, ...allowed.media],
    ['frame-src', ...stripe.frame, ...allowed.stripe],
    // hls.js plays fetched media from a blob URL and adds caption tracks from a data URL. Browsers that play HLS themselves load
    // the media from its origin.
    ["media-src 'self' blob: data:", ...allowed.media],
    ["base-uri 'none'"],
    ["form-action 'self'"],
    ["frame-ancestors 'none'"],
  ]
    .map((directive) => directive.join(' '))
    .join('; ')

/** Response headers for every page. deploy/security-headers.conf sets the same headers for deployments where the API is on the pages' origin. */
export const securityHeaders = (allowed: AllowedOrigins): Record<string, string> => ({
  'Content-Security-Policy': contentSecurityPolicy(allowed),
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  // Some payment methods open a popup that reports its result to this window.
  'Cross-Origin-Opener-Policy': 'same-origin-allow-popups',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
})

const originsOf = (urls: (string | undefined)[]): string[] =>
  urls.filter((url) => url !== undefined).map((url) => new URL(url).origin)

/** Sends the headers in `vite preview`, but not in `vite` dev mode, which adds inline scripts to the pages. */
export const securityHeadersPlugin = (): Plugin => ({
  name: 'security-headers',
  configurePreviewServer: ({ middlewares }) => {
    const { API_URL, DEMO_ISSUER_URL, STRIPE_JS_URL, HOST = '127.0.0.1', PORT = '5173' } = process.env
    const headers = securityHeaders({
      api: originsOf([API_URL, DEMO_ISSUER_URL]),
      stripe: originsOf([STRIPE_JS_URL]),
      // demo-cdn.ts serves the media from this origin. The page itself may have been opened under another of this machine's host names.
      media: [`http://${HOST}:${PORT}`],
      images: ['https:', 'http:'],
    })
    middlewares.use((_request, response, next) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
      next()
    })
  },
})
