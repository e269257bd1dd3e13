import { startStripeEmulator } from './emulator.ts'
import { describeEnv, readEnv } from './env.ts'

const HELP = `A local Stripe for demos, tests and offline work.

  npx tsx apps/stripe-emulator/src/main.ts

Dashboard at /, Stripe's API at /v1, Stripe.js at /js/stripe.js, test helpers at /_test. Environment:

${describeEnv()}
`

const start = async (): Promise<void> => {
  const read = readEnv(process.env)
  if ('wrong' in read) {
    console.error(`The Stripe emulator cannot start:\n${read.wrong.map((line) => `  ${line}`).join('\n')}\nSee --help.`)
    process.exitCode = 1
    return
  }
  const { PORT, HOST, SECRET_KEY, DATA_FILE, WEBHOOK_URL, WEBHOOK_SECRET, SETTLE_AFTER, REFUND_DELAY, LOG_LEVEL } = read.env
  const emulator = await startStripeEmulator({
    port: PORT,
    host: HOST,
    secretKey: SECRET_KEY,
    dataFile: DATA_FILE,
    webhooks: WEBHOOK_URL && WEBHOOK_SECRET ? [{ url: WEBHOOK_URL, secret: WEBHOOK_SECRET }] : [],
    settleAfter: SETTLE_AFTER ?? null,
    refundDelay: REFUND_DELAY,
    logger: { level: LOG_LEVEL },
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void emulator.close())
  // One line, so that whoever started it on port 0 learns where it is. Whoever has read it may stop it.
  console.log(`Stripe emulator: ${emulator.url}`)
}

if (process.argv.includes('--help') || process.argv.includes('-h')) console.log(HELP)
else
  start().catch((error: unknown) => {
    console.error(`The Stripe emulator cannot start: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  })
