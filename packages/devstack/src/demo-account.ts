import { z } from 'zod'

/** The demo's promotion codes. */
export const demoCodes = [
  { code: 'WELCOME20', percent_off: '20' },
  { code: 'FREE100', percent_off: '100' },
] as const

/**
 * The countries in which the demo collects tax if AUTOMATIC_TAX is on. The account is in the first of these countries, which is also
 * preselected in the checkout form.
 */
const demoTaxCountries = ['DE', 'FR', 'GB']

const List = z.object({ data: z.array(z.unknown()) })

/** Adds missing promotion codes to the emulated account and, if the server calculates tax, missing tax registrations. */
export const prepareDemoAccount = async (stripeApi: string, secretKey: string, { automaticTax }: { automaticTax: boolean }) => {
  const isMissing = async (list: string): Promise<boolean> => {
    const response = await fetch(`${stripeApi}/v1/${list}`, { headers: { authorization: `Bearer ${secretKey}` } })
    return List.parse(await response.json()).data.length === 0
  }
  const call = async (helper: string, body: object): Promise<void> => {
    const response = await fetch(`${stripeApi}/_test/${helper}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`The Stripe emulator rejected ${helper}: ${await response.text()}`)
  }
  for (const code of demoCodes) if (await isMissing(`promotion_codes?code=${code.code}`)) await call('promotion_codes', code)
  if (!automaticTax) return
  if (await isMissing('tax/registrations')) await call('tax', { registrations: demoTaxCountries })
  await call('settings', { country: demoTaxCountries[0] })
}
