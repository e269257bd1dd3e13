import { z } from 'zod'
import { createTemporaryDataFolder, type DataFolder, openDataFolder, removeDataFolder } from './data-folder.ts'
import { issueToken } from './issuer.ts'
import { seedIds } from './seed-ids.ts'
import { type StackAddresses, startStack } from './stack.ts'
import { readRunningStack } from './stack-file.ts'
import { createStopSignal } from './stop-signal.ts'
import { waitFor } from './wait.ts'

/** The response fields that the steps use. */
const ResponseBody = z.looseObject({
  success: z.boolean().optional(),
  hasAccess: z.boolean().optional(),
  purchaseId: z.string().optional(),
  clientSecret: z.string().optional(),
  status: z.unknown().optional(),
  code: z.string().optional(),
  consent: z.object({ version: z.string() }).nullish(),
  items: z.array(z.looseObject({ status: z.string().optional(), hasAccess: z.boolean().optional() })).optional(),
})

const maskSecrets = (text: string): string => text.replaceAll(/(_secret_\w{4})[^\s"]+/g, '$1…')

const printStep = (title: string) => console.log(`\n${title}`)

const expectThat = (condition: boolean, expectation: string) => {
  if (!condition) throw new Error(`Expected that ${expectation}`)
}

const call = async (method: 'GET' | 'POST', url: string, token?: string, body?: object) => {
  console.log(`\n  ${method} ${url}${body ? `\n  ${JSON.stringify(body)}` : ''}`)
  const response = await fetch(url, {
    method,
    headers: { ...(token && { authorization: `Bearer ${token}` }), ...(body && { 'content-type': 'application/json' }) },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  })
  const text = await response.text()
  console.log(`  ${response.status} ${maskSecrets(text).slice(0, 600)}`)
  return { httpStatus: response.status, ...ResponseBody.parse(JSON.parse(text)) }
}

/** Runs the integration guide's steps and an admin refund over HTTP. Throws at the first unexpected response. */
const runSteps = async (dataFolder: DataFolder, { api, stripeApi }: Pick<StackAddresses, 'api' | 'stripeApi'>): Promise<void> => {
  const user = `demo-${crypto.randomUUID().slice(0, 8)}`
  const userToken = await issueToken(dataFolder, user)
  const adminToken = await issueToken(dataFolder, 'demo-admin', { admin: true })
  const purchases = `${api}/client/v1/pay-to-view/purchases`

  printStep(`1. ${user} creates a purchase. The list of products says whether the buyer has to consent first (CONSENT=eu)`)
  const { consent } = await call('GET', `${api}/client/v1/pay-to-view/products?entityId=${seedIds.film}`)
  const input = {
    payToViewProductId: seedIds.thirtyDayProduct,
    entityId: seedIds.film,
    returnUrl: 'https://yoursite.com/purchase/complete',
    ...(consent && { consent: { immediateAccess: true, withdrawalWaived: true, version: consent.version } }),
  }
  const created = await call('POST', purchases, userToken, input)
  expectThat(
    created.httpStatus === 200 && created.success === true && created.hasAccess === false,
    'create returns 200 and success',
  )
  const { purchaseId, clientSecret = '' } = created

  printStep('2. The page mounts the embedded checkout with the client secret; a second create returns the same secret')
  const repeated = await call('POST', purchases, userToken, input)
  expectThat(
    repeated.purchaseId === purchaseId && repeated.clientSecret === clientSecret,
    'a second create returns the open checkout',
  )

  printStep('3. The user pays with the card 4242 4242 4242 4242')
  const session = clientSecret.split('_secret_')[0]
  const payUrl = `${stripeApi}/_test/checkout/sessions/${session}/pay`
  const paid = await call('POST', payUrl, undefined, { card: '4242424242424242' })
  expectThat(paid.httpStatus === 200, 'the payment succeeds')

  printStep('4. Stripe sends a webhook, and the purchase is completed')
  await waitFor(
    'the purchase to be Completed',
    async () => (await call('GET', `${purchases}?page=1&pageSize=10`, userToken)).items?.[0]?.status === 'Completed',
    { timeoutMs: 20_000, intervalMs: 250 },
  )

  printStep('5. The user has access and cannot pay twice')
  const accessUrl = `${api}/client/v1/pay-to-view/access?entityId=${seedIds.film}`
  const access = await call('GET', accessUrl, userToken)
  expectThat(access.items?.[0]?.hasAccess === true, 'the user has access')
  const owned = await call('POST', purchases, userToken, input)
  expectThat(owned.success === false && owned.hasAccess === true, 'create returns hasAccess instead of a checkout')

  printStep('6. An admin refunds the purchase, and the access ends')
  const refundUrl = `${api}/admin/v1/pay-to-view/purchases/${purchaseId}/refund`
  const refunded = await call('POST', refundUrl, adminToken)
  expectThat(refunded.httpStatus === 200 && refunded.status === 'Refunded', 'the refund succeeds')
  const afterRefund = await call('GET', accessUrl, userToken)
  expectThat(afterRefund.items?.[0]?.hasAccess === false, 'the access has ended')
  const secondRefund = await call('POST', refundUrl, adminToken)
  expectThat(secondRefund.httpStatus === 409 && secondRefund.code === 'already_refunded', 'a second full refund is rejected')
  console.log('\nEvery step succeeded.')
}

/** Runs the steps against the running stack or, if none is running, against a temporary stack. Returns the exit code. */
export const demo = async (): Promise<number> => {
  const dataFolder = openDataFolder()
  const running = readRunningStack(dataFolder)
  if (running) {
    await runSteps(dataFolder, running)
    return 0
  }
  const temporary = createTemporaryDataFolder('pay-to-view-demo-')
  const signal = createStopSignal()
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  // While the stack is starting, only startStack handles the signal.
  stopped.catch(() => undefined)
  try {
    const stack = await startStack(temporary, { ephemeral: true, web: false, log: console.log, signal })
    try {
      await Promise.race([runSteps(temporary, stack), stopped])
      return 0
    } finally {
      await stack.stop()
    }
  } catch (error) {
    if (signal.aborted) return 130
    throw error
  } finally {
    removeDataFolder(temporary)
  }
}
