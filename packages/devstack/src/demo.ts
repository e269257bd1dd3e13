import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { type Home, openHome } from './home.ts'
import { issueToken } from './issuer.ts'
import { untilStopped } from './signals.ts'
import { type Addresses, startStack } from './stack.ts'
import { readyStack } from './stack-file.ts'
import { waitFor } from './wait.ts'

/** What the steps go on with; the answers themselves hold more. */
const Answer = z.looseObject({
  success: z.boolean().optional(),
  hasAccess: z.boolean().optional(),
  purchaseId: z.string().optional(),
  clientSecret: z.string().optional(),
  status: z.unknown().optional(),
  code: z.string().optional(),
  items: z.array(z.looseObject({ status: z.string().optional(), hasAccess: z.boolean().optional() })).optional(),
})

const hidden = (text: string): string => text.replaceAll(/(_secret_\w{4})\w+/g, '$1…')

/** Walks the integration guide's steps and the admin refund over HTTP. Throws at the first that does not hold. */
const walk = async (home: Home, { api, stripeApi }: Pick<Addresses, 'api' | 'stripeApi'>): Promise<void> => {
  const user = `demo-${crypto.randomUUID().slice(0, 8)}`
  const viewer = await issueToken(home, user)
  const admin = await issueToken(home, 'demo-admin', { admin: true })
  const entityId = 'vid_01m85eetz2e8qthwsqr5v0dh8g'
  const purchases = `${api}/client/v1/pay-to-view/purchases`

  const call = async (method: 'GET' | 'POST', url: string, token?: string, body?: object) => {
    console.log(`\n  ${method} ${url}${body ? `\n  ${JSON.stringify(body)}` : ''}`)
    const answer = await fetch(url, {
      method,
      headers: { ...(token && { authorization: `Bearer ${token}` }), ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    })
    const text = await answer.text()
    console.log(`  ${answer.status} ${hidden(text).slice(0, 600)}`)
    return { httpStatus: answer.status, ...Answer.parse(JSON.parse(text)) }
  }
  const step = (title: string) => console.log(`\n${title}`)
  const hold = (holds: boolean, what: string) => {
    if (!holds) throw new Error(`This does not hold: ${what}`)
  }

  step(`1. ${user} creates a purchase`)
  const wanted = {
    payToViewProductId: 'prod_01m85eetz6e8qthwvnjjs5zz41',
    entityId,
    returnUrl: 'https://yoursite.com/purchase/complete',
  }
  const created = await call('POST', purchases, viewer, wanted)
  hold(created.httpStatus === 200 && created.success === true && created.hasAccess === false, 'create answers 200 with success')
  const { purchaseId, clientSecret = '' } = created

  step('2. The page mounts the embedded checkout with the client secret; asked again, it gets the same one')
  const again = await call('POST', purchases, viewer, wanted)
  hold(again.purchaseId === purchaseId && again.clientSecret === clientSecret, 'a second create reuses the open checkout')

  step('3. The viewer pays with the card 4242 4242 4242 4242')
  const session = clientSecret.split('_secret_')[0]
  const paid = await call('POST', `${stripeApi}/_test/checkout/sessions/${session}/pay`, undefined, { card: '4242424242424242' })
  hold(paid.httpStatus === 200, 'the card pays')

  step('4. Stripe tells the backend, and the purchase is completed')
  await waitFor(
    'the purchase to be Completed',
    async () => (await call('GET', `${purchases}?page=1&pageSize=10`, viewer)).items?.[0]?.status === 'Completed',
    { within: 20_000, every: 250 },
  )

  step('5. The viewer has access, and is not asked to pay twice')
  const access = await call('GET', `${api}/client/v1/pay-to-view/access?entityId=${entityId}`, viewer)
  hold(access.items?.[0]?.hasAccess === true, 'access is there')
  const owned = await call('POST', purchases, viewer, wanted)
  hold(owned.success === false && owned.hasAccess === true, 'create says that access is there')

  step('6. An admin refunds it, and access is gone')
  const refundUrl = `${api}/admin/v1/pay-to-view/purchases/${purchaseId}/refund`
  const refunded = await call('POST', refundUrl, admin)
  hold(refunded.httpStatus === 200 && refunded.status === 'Refunded', 'the refund is taken')
  const gone = await call('GET', `${api}/client/v1/pay-to-view/access?entityId=${entityId}`, viewer)
  hold(gone.items?.[0]?.hasAccess === false, 'access is gone')
  const twice = await call('POST', refundUrl, admin)
  hold(twice.httpStatus === 409 && twice.code === 'already_refunded', 'a second full refund is refused')
  console.log('\nEvery step holds.')
}

/** Against the running stack, or one of its own. */
export const demo = async (): Promise<number> => {
  const home = openHome()
  const running = readyStack(home)
  if (running) {
    await walk(home, running)
    return 0
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'pay-to-view-demo-'))
  const own = openHome(folder)
  const stopping = untilStopped()
  const stopped = new Promise<never>((_, reject) => {
    stopping.addEventListener('abort', () => reject(stopping.reason), { once: true })
  })
  // While the stack starts, that hears of it.
  stopped.catch(() => undefined)
  try {
    const stack = await startStack(own, { forgetful: true, web: false, say: console.log, signal: stopping })
    try {
      await Promise.race([walk(own, stack), stopped])
      return 0
    } finally {
      await stack.stop()
    }
  } catch (error) {
    if (stopping.aborted) return 130
    throw error
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
