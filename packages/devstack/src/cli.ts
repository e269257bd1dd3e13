import { InvalidEnvironmentError } from '@pay-to-view/environment'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import type { z } from 'zod'
import { openDataFolder } from './data-folder.ts'
import { issueToken, TokenRequest } from './issuer.ts'

const parseWith = (schema: z.ZodType<string>) => (text: string) => {
  const parsed = schema.safeParse(text)
  if (parsed.success) return parsed.data
  throw new InvalidArgumentError(parsed.error.issues.map(({ message }) => message).join('. '))
}

const environmentHelp = `
Environment:
  PAY_TO_VIEW_HOME    data folder (.local)
  TEMPORAL_CLI_PATH   path to Temporal's "temporal" program, if it is not on the PATH
To use your own service instead of the local one, set its variables:
  DATABASE_URL        Postgres
  TEMPORAL_ADDRESS    Temporal; with TEMPORAL_NAMESPACE, TEMPORAL_TLS, TEMPORAL_API_KEY
  STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, STRIPE_PUBLISHABLE_KEY
                      Stripe; STRIPE_API_BASE for another server with Stripe's API`

/** Returns the command as the user types it with npm. */
const npmUsage = (command: string, usage: string) => {
  const options = usage === '[options]' ? '' : ` -- ${usage}`
  return `npm ${command === 'start' ? '' : 'run '}${command}${options}`
}

const program = new Command('pay-to-view')
  .description(
    'Runs the whole stack on this machine: Postgres, Temporal with its UI, the Stripe emulator, server, worker and web app.',
  )
  .addHelpText('after', environmentHelp)
  .configureHelp({
    commandUsage: (command) => (command.parent ? npmUsage(command.name(), command.usage()) : 'npm start | npm run <command>'),
  })
  .enablePositionalOptions()
  .exitOverride()

let exitCode = 0

program
  .command('start')
  .description('run the whole stack until Ctrl-C')
  .addHelpText('after', environmentHelp)
  .action(async () => {
    const { start } = await import('./start.ts')
    exitCode = await start(openDataFolder())
  })

program
  .command('dev')
  .description('like start; server, worker and web app restart when their source changes')
  .addHelpText('after', environmentHelp)
  .action(async () => {
    const { start } = await import('./start.ts')
    exitCode = await start(openDataFolder(), { dev: true })
  })

program
  .command('setup')
  .description('install packages and generate the Prisma client if needed; every other command also does this')
  .option('--browser', 'also check that there is a browser for the tests', false)
  .action(async ({ browser }: { browser: boolean }) => {
    if (!browser) return
    const { findBrowser } = await import('./browser-binary.ts')
    await findBrowser()
  })

program
  .command('token')
  .usage('--user <name> [--admin] [--ttl <time>]')
  .description('print a bearer token of the local issuer')
  .requiredOption('--user <name>', "the token's user", parseWith(TokenRequest.shape.user))
  .option('--admin', 'with the admin role', false)
  .option('--ttl <time>', 'time until it expires: 30s, 15m, 1h, 7d', parseWith(TokenRequest.shape.ttl.unwrap()), '1h')
  .showHelpAfterError('Example: npm run token -- --user alice [--admin] [--ttl 1h]')
  .action(async ({ user, admin, ttl }: { user: string; admin: boolean; ttl: string }) => {
    console.log(await issueToken(openDataFolder(), user, { admin, ttl }))
  })

program
  .command('demo')
  .description('make a purchase and refund it over HTTP, against the running stack or a temporary one')
  .action(async () => {
    const { demo } = await import('./demo.ts')
    exitCode = await demo()
  })

program
  .command('demo:sales')
  .description('add a year of sales to the running stack, which must not have any sales yet')
  .option('--purchases <number>', 'number of checkouts, most of which are paid', '2000')
  .action(async ({ purchases }: { purchases: string }) => {
    const { demoSales } = await import('./demo-sales.ts')
    exitCode = await demoSales(Number(purchases))
  })

program
  .command('reset')
  .description('delete the data of a stack that is not running')
  .action(async () => {
    const { reset } = await import('./reset.ts')
    await reset(openDataFolder())
  })

program
  .command('ops', { hidden: true })
  .argument('<args...>')
  .allowUnknownOption()
  .helpOption(false)
  .passThroughOptions()
  .action(async (args: string[]) => {
    const { runOps } = await import('./ops.ts')
    exitCode = await runOps(openDataFolder(), args)
  })

program
  .command('temporal')
  .description("run Temporal's CLI (workflow list, workflow update, …) against the running stack")
  .usage('<arguments of temporal>')
  .argument('<args...>')
  .allowUnknownOption()
  .helpOption(false)
  .passThroughOptions()
  .action(async (args: string[]) => {
    const { runTemporal } = await import('./temporal-cli.ts')
    exitCode = await runTemporal(openDataFolder(), args)
  })

try {
  await program.parseAsync()
} catch (error) {
  // Commander has already printed the problem with the arguments.
  if (!(error instanceof CommanderError)) console.error(messageOf(error))
  if (error instanceof CommanderError) exitCode = error.exitCode === 0 ? 0 : 2
  else exitCode = error instanceof InvalidEnvironmentError ? 2 : 1
}
process.exit(exitCode)

/** Returns the message of an expected error. Any other error is a bug, so its stack is returned. */
function messageOf(error: unknown) {
  if (!(error instanceof Error)) return error
  return error.name === 'Error' || error instanceof InvalidEnvironmentError ? error.message : error.stack
}
