/** Buys a film: `API=http://127.0.0.1:3000 TOKEN=$(npm run -s token -- --user alice) node --import tsx purchase.ts vid_… prod_…` */
import { createPayToViewClient, problemOf } from '@pay-to-view/client'

const { API: url = 'http://127.0.0.1:3000', TOKEN: token = '' } = process.env
const [entityId = '', payToViewProductId = ''] = process.argv.slice(2)
const client = createPayToViewClient({ url, token })

try {
  const created = await client.purchases.create.mutate({
    payToViewProductId,
    entityId,
    returnUrl: 'https://yoursite.com/purchase/complete',
  })
  // A page mounts Stripe's embedded checkout with the client secret.
  if (created.success) console.log(`Checkout: ${created.clientSecret}`)

  const subscription = client.access.watch.subscribe(
    { entityId },
    {
      onData: ({ hasAccess, startsAt, expiresAt, rental }) => {
        if (!hasAccess && startsAt === null) return
        if (!hasAccess) console.log(`Access from ${startsAt}`)
        else if (rental?.startedAt === null)
          console.log(`Start watching by ${expiresAt}. You then have ${rental.watchWithinHours} hours`)
        else console.log(`Access: ${expiresAt ? `until ${expiresAt}` : 'permanent'}`)
        subscription.unsubscribe()
      },
    },
  )
} catch (error) {
  const problem = problemOf(error)
  console.error(problem?.detail ?? error)
  for (const { field, message } of problem?.errors ?? []) console.error(`${field}: ${message}`)
  process.exitCode = 1
}
