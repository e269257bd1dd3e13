import type { Addresses } from './stack.ts'

const REAL_STRIPE = 'https://api.stripe.com'

/** What is said when the stack is ready: where everything is, and how to buy something. */
export const tell = ({ api, web, stripeApi, temporalUi }: Addresses, home: string | undefined) => {
  const emulated = stripeApi !== REAL_STRIPE
  const table = [
    ['Web', web],
    ['API', api],
    ['API docs', `${api}/docs`],
    ['Temporal UI', temporalUi],
    ['Stripe emulator', emulated ? stripeApi : null],
  ]
  const purchases = `${api}/client/v1/pay-to-view/purchases`
  const auth = `-H "Authorization: Bearer $TOKEN"`
  const json = `-H 'Content-Type: application/json'`
  const wanted = {
    payToViewProductId: 'prod_01m85eetz6e8qthwvnjjs5zz41',
    entityId: 'vid_01m85eetz2e8qthwsqr5v0dh8g',
    returnUrl: 'https://yoursite.com/purchase/complete',
  }
  const create = `curl -s ${purchases} ${auth} ${json} \\
    -d '${JSON.stringify(wanted)}'`
  const token = `TOKEN=$(${home ? `PAY_TO_VIEW_HOME='${home}' ` : ''}npm run --silent token -- --user alice)`
  // The id of a checkout session is the part of its client secret before _secret_.
  const buy = emulated
    ? `${token}
  PURCHASE=$(${create})
  echo "$PURCHASE"
  SESSION=$(echo "$PURCHASE" | grep -o 'cs_test_[A-Za-z0-9]*')
  curl -s ${stripeApi}/_test/checkout/sessions/$SESSION/pay ${json} -d '{"card":"4242424242424242"}' >/dev/null
  until curl -s ${purchases} ${auth} | grep Completed; do sleep 1; done`
    : `${token}
  ${create}`
  const listen = emulated
    ? ''
    : `
Stripe's webhooks come here with: npx stripe listen --forward-to ${api}/client/v1/webhooks/stripe
`
  return `
${table.flatMap(([name, url]) => (url ? [`  ${name?.padEnd(17)} ${url}`] : [])).join('\n')}
${listen}
Buy something${emulated ? '' : ' (the page mounts the checkout with the client secret)'}:

  ${buy}

Ctrl-C stops everything.
`
}
