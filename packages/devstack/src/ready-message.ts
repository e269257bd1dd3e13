import { demoCodes } from './demo-account.ts'
import { seedIds } from './seed-ids.ts'
import type { StackAddresses } from './stack.ts'

const codes = demoCodes.map(({ code, percent_off }) => `${code} (${percent_off}% off)`).join(', ')

const realStripe = 'https://api.stripe.com'

/** Returns the message that is shown when the stack is ready: the addresses, and shell commands that make a purchase. */
export const readyMessage = (
  { api, web, issuer, stripeApi, temporalUi, mail }: StackAddresses,
  {
    dataFolder,
    hasIdentityProvider,
    requiresConsent,
  }: { dataFolder: string | undefined; hasIdentityProvider: boolean; requiresConsent: boolean },
) => {
  const isEmulated = stripeApi !== realStripe
  const addresses = [
    ['Web app', web],
    ['API', api],
    ['API docs', `${api}/docs`],
    ['Token issuer', hasIdentityProvider ? null : issuer],
    ['Temporal UI', temporalUi],
    ['Stripe emulator', isEmulated ? stripeApi : null],
    ['Mail', mail],
    ['Promotion codes', isEmulated ? `${codes}, for "Film, to keep" and "Channel, one year"` : null],
  ]
  const purchases = `${api}/client/v1/pay-to-view/purchases`
  const auth = `-H "Authorization: Bearer $TOKEN"`
  const json = `-H 'Content-Type: application/json'`
  const input = {
    payToViewProductId: seedIds.thirtyDayProduct,
    entityId: seedIds.film,
    returnUrl: 'https://yoursite.com/purchase/complete',
    ...(requiresConsent && { consent: { immediateAccess: true, withdrawalWaived: true } }),
  }
  const create = `curl -s ${purchases} ${auth} ${json} \\
    -d '${JSON.stringify(input)}'`
  const localToken = `TOKEN=$(${dataFolder ? `PAY_TO_VIEW_HOME='${dataFolder}' ` : ''}npm run --silent token -- --user alice)`
  const token = hasIdentityProvider ? 'TOKEN=…    # copied from a page of your site' : localToken
  // The client secret consists of the checkout session's id, `_secret_` and a random part.
  const buy = isEmulated
    ? `${token}
  PURCHASE=$(${create})
  echo "$PURCHASE"
  SESSION=$(echo "$PURCHASE" | grep -o 'cs_test_[A-Za-z0-9]*')
  curl -s ${stripeApi}/_test/checkout/sessions/$SESSION/pay ${json} -d '{"card":"4242424242424242"}' >/dev/null
  until curl -s ${purchases} ${auth} | grep Completed; do sleep 1; done`
    : `${token}
  ${create}`
  const webhooks = isEmulated
    ? ''
    : `
Forward Stripe's webhooks to this server: npx stripe listen --forward-to ${api}/client/v1/webhooks/stripe
`
  return `
${addresses.flatMap(([name, url]) => (url ? [`  ${name?.padEnd(17)} ${url}`] : [])).join('\n')}
${webhooks}
Webhook endpoints may be on this machine (WEBHOOKS_ALLOW_PRIVATE=on). This is for development only.

Buy a film:

  ${buy}
${isEmulated ? '' : '\nThe response contains a client secret. Use it to mount the checkout in a page.\n'}
Press Ctrl-C to stop.
`
}
