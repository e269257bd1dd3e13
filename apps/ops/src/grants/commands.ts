import type { Command } from 'commander'
import { byOption, resolvePath } from '../command-line.ts'
import { exportGrants } from './export.ts'
import { type GrantImportCommand, importGrantsFile } from './import.ts'

const importHelp = `
Columns:
  user       the user's id (sub claim)
  entity     the id of an entity of the catalog
  starts     2026-12-31T23:59:00Z, or 2026-12-31 for midnight UTC; empty: now
  ends       same format as "starts"; empty or null: permanent access
  reference  the grant's id in the other system; importing it again changes the same grant
  reason     optional, shown in the back office

For access that was imported before, an empty cell keeps the current value. The exit code is 1 if a row is invalid; all other rows are imported.

Example:
  npm run grants -- import subscribers.csv --dry-run

docs/migration.md describes the rules.`

/** Adds the `grants import` and `grants export` commands. */
export const addGrantCommands = (program: Command): void => {
  const grants = program.command('grants').description('import access from another system, or export all access')
  grants.configureHelp({
    commandUsage: (command) => `npm run grants -- ${command === grants ? '' : `${command.name()} `}${command.usage()}`,
  })
  grants
    .command('import')
    .description('grant the access listed in a CSV file; a row whose reference was imported before updates the existing grant')
    .argument('<file>', 'the CSV file to import, in UTF-8')
    .option('--dry-run', 'only report what would change and which rows are invalid', false)
    .addOption(byOption())
    .addHelpText('after', importHelp)
    .action(async (file: string, options: GrantImportCommand) => {
      process.exitCode = await importGrantsFile(resolvePath(file), options)
    })
  grants
    .command('export')
    .description('write all access that has not been revoked, in the format that import reads')
    .argument('[file]', 'the file to write; stdout if omitted')
    .action((file: string | undefined) => exportGrants(file === undefined ? undefined : resolvePath(file)))
}
