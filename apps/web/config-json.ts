import type { Connect, Plugin } from 'vite'
import { z } from 'zod'

export const environment = z.object({
  API_URL: z.url().describe('Base URL of the API server'),
  STRIPE_PUBLISHABLE_KEY: z
    .string()
    .regex(/^pk_(test|live)_/, 'Expected pk_test_… or pk_live_…')
    .describe('Publishable key of the Stripe account'),
  STRIPE_JS_URL: z.url().optional().describe('A script that defines window.Stripe, to use instead of Stripe.js'),
  DEMO_ISSUER_URL: z.url().optional().describe('URL of the issuer of tokens for demo users'),
})

/**
 * Serves /config.json from environment variables in dev and preview, so one build works in every environment. In production,
 * deploy a config.json next to index.html.
 */
export const configJson = (): Plugin => {
  const serve = (middlewares: Connect.Server): void => {
    const parsed = environment.safeParse(process.env)
    if (!parsed.success) {
      throw new Error(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'))
    }
    const env = parsed.data
    const config = JSON.stringify({
      apiUrl: env.API_URL,
      stripePublishableKey: env.STRIPE_PUBLISHABLE_KEY,
      stripeJsUrl: env.STRIPE_JS_URL ?? null,
      demoIssuerUrl: env.DEMO_ISSUER_URL ?? null,
    })
    middlewares.use('/config.json', (_request, response) => {
      response.setHeader('content-type', 'application/json').setHeader('cache-control', 'no-store').end(config)
    })
  }
  return {
    name: 'config-json',
    configureServer: ({ middlewares }) => serve(middlewares),
    configurePreviewServer: ({ middlewares }) => serve(middlewares),
  }
}
