import { z } from 'zod/mini'

/** A URL without a trailing slash, so paths can be appended. */
const baseUrl = z.pipe(
  z.url(),
  z.transform((url: string) => url.replace(/\/+$/, '')),
)

const config = z.object({
  /** Base URL of the API server. */
  apiUrl: baseUrl,
  stripePublishableKey: z.string(),
  /** URL of a script that defines window.Stripe, such as the emulator's. It replaces Stripe.js. */
  stripeJsUrl: z.nullable(z.url()),
  /** URL of the demo's token issuer. Null if the site has its own sign-in. */
  demoIssuerUrl: z.nullable(baseUrl),
})

export type Config = z.infer<typeof config>

/** Loads the settings of this environment. They are in a separate file, so one build works in every environment. */
export const loadConfig = async (): Promise<Config> => {
  const response = await fetch('/config.json', { cache: 'no-store' })
  if (!response.ok) throw new Error(`/config.json responded with ${response.status}`)
  return config.parse(await response.json())
}
