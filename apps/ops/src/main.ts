import { InvalidEnvironmentError } from '@pay-to-view/environment'
import { stripeEventRetentionSeconds } from '@pay-to-view/ingestion'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'
import { runDoctor } from './doctor.ts'
import { duration } from './env.ts'
import { type ForgetOptions, forgetUser } from './forget.ts'
import { migrateDatabase } from './migrate.ts'
import { type ReconcileOptions, runReconcile } from './reconcile.ts'
import { setUpWebhookEndpoint } from './stripe-setup.ts'

const checked =
  <T>(schema: z.ZodType<T>) =>
  (text: string): T => {
    const read = schema.safeParse(text)
    if (read.success) return read.data
    throw new InvalidArgumentError(read.error.issues.map((issue) => issue.message).join('. '))
  }

const site = z
  .url({ protocol: /^https?$/, abort: true, error: 'Expected the address of the API server, such as https://api.example.com' })
  .refine((text) => new URL(text).pathname === '/', 'Expected an address without a path')

const keptByStripe = duration.refine(
  (seconds) => seconds <= stripeEventRetentionSeconds,
  'Expected at most 30d: Stripe keeps its events no longer',
)

const program = new Command('npm run')
  .description(
    "The operator's commands. The environment variables are the server's: DATABASE_URL, TEMPORAL_ADDRESS, STRIPE_SECRET_KEY, …",
  )
  .exitOverride()

program
  .command('migrate')
  .description('apply the migrations that the database has not had: before new servers and workers start')
  .action(migrateDatabase)

program
  .command('reconcile')
  .description("compare Stripe's events with the ledger, and what waits with the workflows; mend what differs")
  .addOption(new Option('--since <time>', 'how far back, at most 30d').argParser(checked(keptByStripe)).default(86_400, '24h'))
  .option('--dry-run', 'only show what differs; exits with 1 where something does', false)
  .addOption(
    new Option('--purchase <id>', 'this one alone: it is written anew, and asks Stripe about its payment').conflicts([
      'dryRun',
      'since',
    ]),
  )
  .action(async (options: ReconcileOptions) => {
    process.exitCode = await runReconcile(options)
  })

program
  .command('doctor')
  .description('check the invariants over all data; exits with 1 where one does not hold')
  .option('--stripe', 'compare with Stripe as well', false)
  .addOption(
    new Option('--since <time>', "how far back Stripe's checkouts and the ledger's payments are compared")
      .argParser(checked(duration))
      .default(30 * 86_400, '30d'),
  )
  .action(async (options: { stripe: boolean; since: number }) => {
    process.exitCode = await runDoctor(options)
  })

program
  .command('forget')
  .description('take a user out of Stripe, Postgres and Temporal; purchases stay under a name that says nothing')
  .requiredOption('--user <id>', "the user's id: sub of the tokens")
  .requiredOption('--by <name>', 'who asks for it, for the audit')
  .option('--give-up-access', 'although the user loses access that was paid for', false)
  .option('--dry-run', 'only show what would be done', false)
  .action(async (options: ForgetOptions) => {
    process.exitCode = await forgetUser(options)
  })

program
  .command('stripe:setup')
  .description('make the webhook endpoint at Stripe, with the events and the API version that the server reads')
  .requiredOption('--url <address>', 'address of the API server, as Stripe reaches it', checked(site))
  .action(async (options: { url: string }) => {
    process.exitCode = await setUpWebhookEndpoint(options.url)
  })

try {
  await program.parseAsync()
} catch (error) {
  // What is wrong with the arguments has been said by commander.
  if (!(error instanceof CommanderError)) console.error(error instanceof Error ? error.message : error)
  const usage = error instanceof CommanderError && error.exitCode !== 0
  process.exitCode = usage || error instanceof InvalidEnvironmentError ? 2 : error instanceof CommanderError ? 0 : 1
}
