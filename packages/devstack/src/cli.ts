import { Command, CommanderError, InvalidArgumentError } from 'commander'
import type { z } from 'zod'
import { BadEnvironment } from './given.ts'
import { openHome } from './home.ts'
import { issueToken, TokenRequest } from './issuer.ts'

const checked = (schema: z.ZodType<string>) => (text: string) => {
  const read = schema.safeParse(text)
  if (read.success) return read.data
  throw new InvalidArgumentError(read.error.issues.map(({ message }) => message).join('. '))
}

const environment = `
Environment:
  PAY_TO_VIEW_HOME    folder of the data (.local)
  TEMPORAL_CLI_PATH   the "temporal" program, where it is not on the PATH
  A part that is given is not started:
  DATABASE_URL        Postgres
  TEMPORAL_ADDRESS    Temporal; with TEMPORAL_NAMESPACE, TEMPORAL_TLS, TEMPORAL_API_KEY
  STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, STRIPE_PUBLISHABLE_KEY
                      Stripe; STRIPE_API_BASE for another server that speaks its API`

/** As people call it. */
const npm = (command: string, usage: string) => {
  const options = usage === '[options]' ? '' : ` -- ${usage}`
  return `npm ${command === 'start' ? '' : 'run '}${command}${options}`
}

const program = new Command('pay-to-view')
  .description(
    'Runs everything on this machine: Postgres, Temporal with its UI, a local Stripe, the server, the worker and the web.',
  )
  .addHelpText('after', environment)
  .configureHelp({
    commandUsage: (command) => (command.parent ? npm(command.name(), command.usage()) : 'npm start | npm run <command>'),
  })
  .enablePositionalOptions()
  .exitOverride()

let exitCode = 0

program
  .command('start')
  .description('run the whole stack until Ctrl-C')
  .addHelpText('after', environment)
  .action(async () => {
    const { start } = await import('./start.ts')
    exitCode = await start(openHome())
  })

program
  .command('dev')
  .description('the same; the server, the worker and the web start anew when their source changes')
  .addHelpText('after', environment)
  .action(async () => {
    const { start } = await import('./start.ts')
    exitCode = await start(openHome(), { dev: true })
  })

program
  .command('token')
  .usage('--user <name> [--admin] [--ttl <time>]')
  .description('print a bearer token of the local issuer')
  .requiredOption('--user <name>', 'whose token', checked(TokenRequest.shape.user))
  .option('--admin', 'with the rights of an operator', false)
  .option('--ttl <time>', 'how long it is good: 30s, 15m, 1h, 7d', checked(TokenRequest.shape.ttl.unwrap()), '1h')
  .showHelpAfterError('For example: npm run token -- --user alice [--admin] [--ttl 1h]')
  .action(async ({ user, admin, ttl }: { user: string; admin: boolean; ttl: string }) => {
    console.log(await issueToken(openHome(), user, { admin, ttl }))
  })

program
  .command('demo')
  .description('walk a purchase and its refund over HTTP, against the running stack or one of its own')
  .action(async () => {
    const { demo } = await import('./demo.ts')
    exitCode = await demo()
  })

program
  .command('reset')
  .description('delete the data of a stack that is not running')
  .action(async () => {
    const { reset } = await import('./reset.ts')
    await reset(openHome())
  })

program
  .command('ops', { hidden: true })
  .argument('<args...>')
  .allowUnknownOption()
  .helpOption(false)
  .passThroughOptions()
  .action(async (args: string[]) => {
    const { operate } = await import('./operate.ts')
    exitCode = await operate(openHome(), args)
  })

program
  .command('temporal')
  .description("Temporal's own command (workflow list, workflow update …), on the running stack")
  .usage('<arguments of temporal>')
  .argument('<args...>')
  .allowUnknownOption()
  .helpOption(false)
  .passThroughOptions()
  .action(async (args: string[]) => {
    const { runTemporal } = await import('./temporal-cli.ts')
    exitCode = await runTemporal(openHome(), args)
  })

try {
  await program.parseAsync()
} catch (error) {
  // What is wrong with the arguments has been said by commander.
  if (!(error instanceof CommanderError)) console.error(messageOf(error))
  const usage = error instanceof CommanderError && error.exitCode !== 0
  exitCode = usage || error instanceof BadEnvironment ? 2 : error instanceof CommanderError ? 0 : 1
}
process.exit(exitCode)

/** What we throw ourselves explains itself; of anything else, a mistake of ours, one wants to see where it happened. */
function messageOf(error: unknown) {
  if (!(error instanceof Error)) return error
  return error.name === 'Error' ? error.message : error.stack
}
