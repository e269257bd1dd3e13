import { InvalidEnvironmentError } from '@pay-to-view/environment'
import { Command, CommanderError, Option } from 'commander'
import { addApiKeyCommand } from './api-key.ts'
import { addCatalogCommands } from './catalog/commands.ts'
import { type DoctorOptions, runDoctor } from './doctor.ts'
import { addEmailCommand } from './email.ts'
import { type ForgetOptions, forgetUser } from './forget.ts'
import { addGrantCommands } from './grants/commands.ts'
import { addImportPurchasesCommand } from './import-purchases/command.ts'
import { migrateDatabase } from './migrate.ts'
import { duration, eventRetention, parseWith, serverUrl } from './options.ts'
import { runPreflight } from './preflight/preflight.ts'
import { addPromotionCodeCommands } from './promotion-codes.ts'
import { type ReconcileOptions, runReconcile } from './reconcile.ts'
import { setUpWebhookEndpoint } from './stripe-setup.ts'
import { addWebhooksCommand } from './webhooks.ts'

const program = new Command('npm run')
  .description(
    "Operator commands. They read the server's environment variables: DATABASE_URL, TEMPORAL_ADDRESS, STRIPE_SECRET_KEY, …",
  )
  .exitOverride()

program
  .command('migrate')
  .description('apply the pending migrations; run it before new servers and workers start')
  .action(migrateDatabase)

addApiKeyCommand(program)

program
  .command('reconcile')
  .description("compare Stripe's events with the event ledger, compare pending work with the workflows, and repair drift")
  .addOption(
    new Option('--since <duration>', 'how far back to look, at most 30d')
      .argParser(parseWith(eventRetention))
      .default(86_400, '24h'),
  )
  .option('--dry-run', 'only report drift; exits with 1 if there is any', false)
  .addOption(
    new Option('--purchase <id>', 'apply the facts of this purchase again and refresh its payment from Stripe').conflicts([
      'dryRun',
      'since',
    ]),
  )
  .action(async (options: ReconcileOptions) => {
    process.exitCode = await runReconcile(options)
  })

program
  .command('doctor')
  .description(
    'check the invariants over all data or, with --preflight, check the Stripe account; exits with 1 if there are findings',
  )
  .option('--stripe', 'also compare checkout sessions and payments with Stripe', false)
  .addOption(
    new Option('--since <duration>', 'how far back checkout sessions and payments are compared with Stripe')
      .argParser(parseWith(duration))
      .default(30 * 86_400, '30d'),
  )
  .addOption(
    new Option(
      '--preflight',
      'check the Stripe account before going live, instead of the data: key, permissions, webhooks, Managed Payments, currencies, tax, terms, receipts, statement descriptor; exits with 1 if there are errors (docs/deployment.md)',
    ).conflicts(['stripe', 'since']),
  )
  .addOption(
    new Option('--url <url>', 'with --preflight: public URL of the API server whose webhook endpoint is checked').argParser(
      parseWith(serverUrl),
    ),
  )
  .action(async ({ preflight, url, ...options }: DoctorOptions) => {
    if (url !== undefined && !preflight) program.error('error: --url requires --preflight')
    process.exitCode = preflight ? await runPreflight(url ?? null) : await runDoctor(options)
  })

program
  .command('forget')
  .description('erase a user from Stripe, Postgres and Temporal; purchases are kept under a pseudonym')
  .requiredOption('--user <id>', "the user's id (sub claim)")
  .option('--email <address...>', 'e-mail addresses of the user, in addition to those that Stripe knows', [])
  .requiredOption('--by <name>', "who requests the erasure; stored with the erasure and in the purchases' timelines")
  .option('--give-up-access', 'erase the user even if they lose active access', false)
  .option('--dry-run', 'only report what would be done', false)
  .action(async (options: ForgetOptions) => {
    process.exitCode = await forgetUser(options)
  })

addImportPurchasesCommand(program)

program
  .command('stripe:setup')
  .description("create or update the webhook endpoint in Stripe, with the server's event types and API version")
  .requiredOption('--url <url>', 'public URL of the API server', parseWith(serverUrl))
  .action(async (options: { url: string }) => {
    process.exitCode = await setUpWebhookEndpoint(options.url)
  })

addCatalogCommands(program)
addGrantCommands(program)
addPromotionCodeCommands(program)
addWebhooksCommand(program)
addEmailCommand(program)

try {
  await program.parseAsync()
} catch (error) {
  // Commander has already printed its own errors.
  if (!(error instanceof CommanderError)) console.error(error instanceof Error ? error.message : error)
  const isUsageError = error instanceof CommanderError && error.exitCode !== 0
  process.exitCode = isUsageError || error instanceof InvalidEnvironmentError ? 2 : error instanceof CommanderError ? 0 : 1
}
