import { Command, InvalidArgumentError } from 'commander'
import { z } from 'zod'
import { doctor } from './doctor.ts'
import { BadEnvironment, duration } from './env.ts'
import { reconcile } from './reconcile.ts'
import { stripeSetup } from './stripe-setup.ts'

const checked =
  <T>(schema: z.ZodType<T>) =>
  (text: string): T => {
    const read = schema.safeParse(text)
    if (read.success) return read.data
    throw new InvalidArgumentError(read.error.issues.map((issue) => issue.message).join('. '))
  }

const site = z
  .url({ protocol: /^https?$/, error: 'Expected the address of the API server, such as https://api.example.com' })
  .refine((text) => new URL(text).pathname === '/', 'Expected an address without a path')

const program = new Command('pay-to-view')
  .description(
    "The operator's commands. The environment variables are the server's: DATABASE_URL, TEMPORAL_ADDRESS, STRIPE_SECRET_KEY, …",
  )
  .configureHelp({ showGlobalOptions: true })

program
  .command('reconcile')
  .description("compare Stripe's events with the ledger, and what waits with the workflows; mend what differs")
  .option('--since <time>', 'how far back, at most 30d', checked(duration), 86_400)
  .option('--dry-run', 'only show what differs; exits with 1 where something does', false)
  .action(async (options: { since: number; dryRun: boolean }) => {
    process.exitCode = await reconcile(options)
  })

program
  .command('doctor')
  .description('check the invariants over all data; exits with 1 where one does not hold')
  .option('--stripe', 'compare with Stripe as well', false)
  .option('--since <time>', "how far back Stripe's checkouts are compared", checked(duration), 30 * 86_400)
  .action(async (options: { stripe: boolean; since: number }) => {
    process.exitCode = await doctor(options)
  })

program
  .command('stripe:setup')
  .description('make the webhook endpoint at Stripe, with the events and the API version that the server reads')
  .requiredOption('--url <address>', 'address of the API server, as Stripe reaches it', checked(site))
  .action(async (options: { url: string }) => {
    process.exitCode = await stripeSetup(options.url)
  })

try {
  await program.parseAsync()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = error instanceof BadEnvironment ? 2 : 1
}
