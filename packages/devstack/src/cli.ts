import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { demo } from './demo.ts'
import { openHome } from './home.ts'
import { issueToken } from './issuer.ts'
import { AlreadyRunning, runningPid } from './run-file.ts'
import { start } from './start.ts'

const help = `Usage: npm start | npm run token -- --user NAME [--admin] [--ttl 1h] | npm run demo | npm run reset

  start   runs Postgres, Temporal, the Stripe emulator, the API server and the worker until Ctrl-C
  token   prints a bearer token of the local issuer
  demo    walks a purchase and its refund over HTTP, against the running stack or one of its own
  reset   deletes the data of a stack that is not running

PAY_TO_VIEW_HOME names the folder of the data (.local). With DATABASE_URL, TEMPORAL_ADDRESS or STRIPE_SECRET_KEY +
STRIPE_WEBHOOK_SECRET + STRIPE_PUBLISHABLE_KEY set, that part is the given one and not started.`

const commands: Record<string, (args: string[]) => Promise<number>> = {
  start: async (args) => {
    parseArgs({ args })
    return start(openHome())
  },
  token: async (args) => {
    const { values } = parseArgs({
      args,
      options: { user: { type: 'string' }, admin: { type: 'boolean' }, ttl: { type: 'string' } },
    })
    if (!values.user) throw new TypeError('--user is needed: npm run token -- --user alice')
    console.log(await issueToken(openHome(), values.user, { admin: values.admin ?? false, ttl: values.ttl ?? '1h' }))
    return 0
  },
  demo: async (args) => {
    parseArgs({ args })
    return demo()
  },
  reset: async (args) => {
    parseArgs({ args })
    const home = openHome()
    const pid = runningPid(home)
    if (pid !== undefined) throw new AlreadyRunning(pid)
    for (const data of [
      home.postgres,
      home.temporalDb,
      home.emulatorData,
      home.issuerKey,
      home.secrets,
      home.logs,
      home.runFile,
    ]) {
      rmSync(data, { recursive: true, force: true })
    }
    return 0
  },
}

const [name = '', ...args] = process.argv.slice(2)
const command = commands[name]
if (!command || args.includes('--help') || args.includes('-h')) {
  console.log(help)
  process.exit(command || name === '--help' ? 0 : 2)
}
try {
  process.exit(await command(args))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(error instanceof TypeError ? 2 : 1)
}
