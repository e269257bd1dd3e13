import { describeOptions, InvalidEnvironmentError, parseEnvironment } from '@pay-to-view/environment'
import { startStripeEmulator } from './emulator.ts'
import { Env } from './env.ts'

const HELP = `A local emulator of Stripe for demos, tests and offline work.

  npx tsx apps/stripe-emulator/src/main.ts

The dashboard is at /, Stripe's API at /v1, Stripe.js at /js/stripe.js, test helpers at /_test. Environment variables:

${describeOptions(Env)}
`

const start = async (): Promise<void> => {
  const env = parseEnvironment(Env, process.env)
  const { WEBHOOK_URL, WEBHOOK_SECRET } = env
  const emulator = await startStripeEmulator({
    port: env.PORT,
    host: env.HOST,
    secretKey: env.SECRET_KEY,
    dataFile: env.DATA_FILE,
    webhooks: WEBHOOK_URL && WEBHOOK_SECRET ? [{ url: WEBHOOK_URL, secret: WEBHOOK_SECRET }] : [],
    settleAfterSeconds: env.SETTLE_AFTER ?? null,
    refundDelaySeconds: env.REFUND_DELAY,
    managedPayments: env.MANAGED_PAYMENTS === 'true',
    embeddedCheckoutDelayMs: env.CHECKOUT_DELAY_MS,
    logger: { level: env.LOG_LEVEL },
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void emulator.close())
  // Scripts wait for this line, because requests and signals are handled from this point. With PORT=0, only this line shows the port.
  console.log(`Stripe emulator: ${emulator.url}`)
}

if (process.argv.includes('--help') || process.argv.includes('-h')) console.log(HELP)
else
  start().catch((error: unknown) => {
    const hint = error instanceof InvalidEnvironmentError ? '\nRun with --help for all variables.' : ''
    console.error(`The Stripe emulator cannot start:\n${error instanceof Error ? error.message : error}${hint}`)
    process.exitCode = 1
  })
