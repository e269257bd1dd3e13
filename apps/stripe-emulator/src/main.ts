import { describeOptions, InvalidEnvironmentError, parseEnvironment } from '@pay-to-view/environment'
import { startStripeEmulator } from './emulator.ts'
import { Env } from './env.ts'

const HELP = `A local emulator of Stripe for demos, tests and offline work.

  npx tsx apps/stripe-emulator/src/main.ts

The dashboard is at /, Stripe's API at /v1, Stripe.js at /js/stripe.js, test helpers at /_test. Environment variables:

${describeOptions(Env)}
`

const start = async (): Promise<void> => {
  const { PORT, HOST, SECRET_KEY, DATA_FILE, WEBHOOK_URL, WEBHOOK_SECRET, SETTLE_AFTER, REFUND_DELAY, LOG_LEVEL } =
    parseEnvironment(Env, process.env)
  const emulator = await startStripeEmulator({
    port: PORT,
    host: HOST,
    secretKey: SECRET_KEY,
    dataFile: DATA_FILE,
    webhooks: WEBHOOK_URL && WEBHOOK_SECRET ? [{ url: WEBHOOK_URL, secret: WEBHOOK_SECRET }] : [],
    settleAfterSeconds: SETTLE_AFTER ?? null,
    refundDelaySeconds: REFUND_DELAY,
    logger: { level: LOG_LEVEL },
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void emulator.close())
  // Scripts wait for this line: requests and signals are handled from now on, and with PORT=0 only this line names the port.
  console.log(`Stripe emulator: ${emulator.url}`)
}

if (process.argv.includes('--help') || process.argv.includes('-h')) console.log(HELP)
else
  start().catch((error: unknown) => {
    const hint = error instanceof InvalidEnvironmentError ? '\nRun with --help for all variables.' : ''
    console.error(`The Stripe emulator cannot start:\n${error instanceof Error ? error.message : error}${hint}`)
    process.exitCode = 1
  })
