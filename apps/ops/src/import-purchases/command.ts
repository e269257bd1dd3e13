import { type Command, Option } from 'commander'
import { byOption, resolvePath } from '../command-line.ts'
import { duration, parseWith } from '../options.ts'
import { importPastPurchases, type PurchaseImportCommand } from './import.ts'

const help = `
Reads the Stripe account's checkout sessions that have the metadata described in the integration guide. Purchases that are not in the database,
because they were made with another backend or after the backup that was restored, are inserted with their payments, refunds, disputes and access. Nothing
is written to Stripe.

Examples:
  npm run import:purchases -- --from-stripe --dry-run
  npm run import:purchases -- --from-stripe --lengths lengths.csv
  npm run import:purchases -- --from-stripe --since 2d

docs/migration.md describes the migration from another backend, and docs/backups.md describes how to restore a backup.`

/** Adds the `import:purchases` command. */
export const addImportPurchasesCommand = (program: Command): void => {
  program
    .command('import:purchases')
    .description(
      'insert purchases that are in Stripe but not in the database: from another backend, or lost when a backup was restored',
    )
    .addOption(new Option('--from-stripe', "read the account's checkout sessions").makeOptionMandatory())
    .addOption(
      new Option('--since <duration>', 'how far back checkout sessions are read; everything if omitted').argParser(
        parseWith(duration),
      ),
    )
    .option('--dry-run', 'only report what would be imported; exits with 1 if there is anything to import', false)
    .option('--lengths <file>', 'a CSV file with the length of access of each product')
    .option(
      '--with-workflows',
      "start a workflow for each purchase that may still change; without this option, a purchase's next event starts its workflow",
      false,
    )
    .option('--list', 'list each purchase', false)
    .addOption(byOption())
    .addHelpText('after', help)
    .action(async ({ lengths, ...options }: PurchaseImportCommand) => {
      process.exitCode = await importPastPurchases({
        ...options,
        ...(lengths !== undefined && { lengths: resolvePath(lengths) }),
      })
    })
}
