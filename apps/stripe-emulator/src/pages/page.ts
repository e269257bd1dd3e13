import type { FastifyInstance, FastifyReply } from 'fastify'
import Stripe from 'stripe'
import type { Account } from '../account.ts'
import { type Html, html } from '../html.ts'
import { readSourceFile } from '../source-files.ts'

const asset = (name: string): string => readSourceFile(`browser/${name}`)

/** Serves the scripts and the style sheet from the source tree, without a build. */
export const registerAssets = (app: FastifyInstance, account: Account): void => {
  const javascript = 'text/javascript; charset=utf-8'
  const stripeJs = asset('stripe.js')
  const files: [url: string, type: string, body: () => string][] = [
    [
      '/js/stripe.js',
      javascript,
      () =>
        stripeJs
          // loadStripe warns if the script's release train differs from loadStripe's own.
          .replace('RELEASE_TRAIN', Stripe.MAJOR_API_VERSION)
          .replace('EMBEDDED_CHECKOUT_DELAY_MS', String(account.settings.embeddedCheckoutDelayMs)),
    ],
    ...['checkout.js', 'authorize.js'].map((name): [string, string, () => string] => {
      const body = asset(name)
      return [`/js/${name}`, javascript, () => body]
    }),
    ['/pages.css', 'text/css; charset=utf-8', () => STYLES],
  ]
  for (const [url, type, body] of files)
    app.get(url, async (_request, reply) =>
      reply.headers({ 'cross-origin-resource-policy': 'cross-origin', 'cache-control': 'no-store' }).type(type).send(body()),
    )
}

const STYLES = ['base.css', 'checkout.css', 'dashboard.css'].map(asset).join('')

const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; img-src 'self' data:; base-uri 'none'"

/**
 * Sends a page. Only the embedded form may be framed, by any origin, because the merchant's page mounts it. The referrer policy must allow
 * browsers to send the Origin header with forms, because the helpers check the header.
 */
export const sendPage = (reply: FastifyReply, title: string, body: Html, { framed = false, status = 200 } = {}): FastifyReply =>
  reply
    .status(status)
    .type('text/html; charset=utf-8')
    .header('content-security-policy', framed ? CONTENT_SECURITY_POLICY : `${CONTENT_SECURITY_POLICY}; frame-ancestors 'none'`)
    .header('referrer-policy', 'same-origin')
    .header('cache-control', 'no-store')
    .send(
      html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/pages.css">
</head>
${body}
</html>`.text,
    )
