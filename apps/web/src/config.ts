import { z } from 'zod/mini'

/** Paths are put behind it. */
const address = z.pipe(
  z.url(),
  z.transform((url: string) => url.replace(/\/+$/, '')),
)

const config = z.object({
  /** Address of the API server. */
  apiUrl: address,
  stripePublishableKey: z.string(),
  /** A script that defines window.Stripe, instead of Stripe's own: the local Stripe's. */
  stripeJsUrl: z.nullable(z.url()),
  /** Where demo viewers get a token; null where the site has its own sign-in. */
  demoIssuerUrl: z.nullable(address),
})

export type Config = z.infer<typeof config>

/** What differs between places is not built in: it is served beside the page. */
export const loadConfig = async (): Promise<Config> => {
  const answer = await fetch('/config.json', { cache: 'no-store' })
  if (!answer.ok) throw new Error(`/config.json answers ${answer.status}`)
  return config.parse(await answer.json())
}
