import { rmSync } from 'node:fs'
import { replaceFile } from './files.ts'
import type { Home } from './home.ts'
import { issueToken } from './issuer.ts'
import { claim } from './run-file.ts'
import { startStack } from './stack.ts'

const began = performance.now()
const say = (line: string) => console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}`)

/** `npm start`: runs the stack until a signal comes or a part fails. Returns the exit code. */
export const start = async (home: Home): Promise<number> => {
  const run = await claim(home, say)
  const stopping = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stopping.abort(name))
  const stopped = new Promise<null>((resolve) => {
    stopping.signal.addEventListener('abort', () => resolve(null), { once: true })
  })
  try {
    const stack = await startStack(home, { run, say, signal: stopping.signal, given: process.env })
    const { failed, stop, ...addresses } = stack
    replaceFile(home.stackFile, JSON.stringify(addresses, null, 2))
    await tell(home, addresses)
    const part = await Promise.race([stopped, failed])
    rmSync(home.stackFile, { force: true })
    if (part) console.error(`${part.name} ended (${await part.ended}); its log is ${part.log}`)
    await stop(say)
    return part ? 1 : 0
  } catch (error) {
    if (stopping.signal.aborted) return 0
    throw error
  } finally {
    rmSync(home.stackFile, { force: true })
    run.release()
  }
}

const tell = async (
  home: Home,
  { api, stripeApi, temporalUi }: { api: string; stripeApi: string; temporalUi: string | null },
) => {
  const token = await issueToken(home, 'alice')
  console.log(`
  API               ${api}
  OpenAPI           ${api}/openapi.json
  Temporal UI       ${temporalUi ?? 'given'}
  Stripe emulator   ${stripeApi}

Buy something:

  curl -s ${api}/client/v1/pay-to-view/purchases \\
    -H 'Authorization: Bearer ${token}' -H 'Content-Type: application/json' \\
    -d '{"payToViewProductId":"prod_01m85eetz6e8qthwvnjjs5zz41","entityId":"vid_01m85eetz2e8qthwsqr5v0dh8g","returnUrl":"https://yoursite.com/purchase/complete"}'

and pay for it (the session's id is the part of clientSecret before _secret_):

  curl -s ${stripeApi}/_test/checkout/sessions/SESSION_ID/pay -H 'Content-Type: application/json' -d '{"card":"4242424242424242"}'

Ctrl-C stops everything.
`)
}
