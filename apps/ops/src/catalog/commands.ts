import { catalogFormats } from '@pay-to-view/catalog-import'
import { type Command, Option } from 'commander'
import { byOption, resolvePath } from '../command-line.ts'
import { type ExportFormat, type ExportOptions, exportCatalog } from './export.ts'
import { type ImportOptions, importCatalog } from './import.ts'

const importHelp = `
Formats, recognized from the content:
  csv      a header with id, type, title, description, image_url, duration, status, available_from, available_until, member_of,
           price_<currency>, access_days, rental_start_days, rental_watch_hours; only id is required
  jsonl    one object per line: the body of PUT /entities/{id} with id, prices, accessDurationDays, rental
  sitemap  a video sitemap
  mrss     a Media RSS feed

An empty cell keeps the current value, and the word null clears it. The exit code is 1 if a row is invalid; all other rows are imported.

Examples:
  npm run catalog -- import films.csv --dry-run
  npm run catalog -- import video-sitemap.xml

docs/import.md describes the columns and rules.`

const exportHelp = `
Examples:
  npm run catalog -- export catalog.csv
  npm run catalog -- export catalog.jsonl
  npm run --silent catalog -- export --format jsonl | gzip > catalog.jsonl.gz`

/** Adds the `catalog import` and `catalog export` commands. */
export const addCatalogCommands = (program: Command): void => {
  const catalog = program.command('catalog').description('import the catalog from a file, or export it')
  catalog.configureHelp({
    commandUsage: (command) => `npm run catalog -- ${command === catalog ? '' : `${command.name()} `}${command.usage()}`,
  })
  catalog
    .command('import')
    .description('create or update the entities listed in a file, and offer products for them')
    .argument('<file>', 'the file to import, in UTF-8')
    .option('--dry-run', 'only report what would change and which rows are invalid', false)
    .addOption(new Option('--format <format>', 'the file format, if it cannot be detected').choices(catalogFormats))
    .addOption(byOption())
    .addHelpText('after', importHelp)
    .action(async (file: string, options: ImportOptions) => {
      process.exitCode = await importCatalog(resolvePath(file), options)
    })
  const formats: ExportFormat[] = ['csv', 'jsonl']
  catalog
    .command('export')
    .description('write all entities and the terms of their products, in the format that import reads')
    .argument('[file]', 'the file to write; stdout if omitted')
    .addOption(new Option('--format <format>', 'by default csv, or jsonl if the file name ends with .jsonl').choices(formats))
    .option('--excel', 'begin with a byte-order mark, which Excel needs to detect UTF-8', false)
    .addHelpText('after', exportHelp)
    .action(async (file: string | undefined, options: ExportOptions) => {
      await exportCatalog(file === undefined ? undefined : resolvePath(file), options)
    })
}
