import { rmSync } from 'node:fs'
import path from 'node:path'
import { replaceFile } from './files.ts'
import { type Home, ROOT } from './home.ts'
import { claim } from './run-file.ts'
import { untilStopped } from './signals.ts'
import { type Addresses, startStack } from './stack.ts'
import { tell } from './tell.ts'

const began = performance.now()
const say = (line: string) => console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}`)

/** `npm start` and `npm run dev`: runs the stack until a signal comes or a part fails for good. Returns the exit code. */
export const start = async (home: Home, { dev = false } = {}): Promise<number> => {
  const stopping = untilStopped()
  const stopped = new Promise<null>((resolve) => {
    stopping.addEventListener('abort', () => resolve(null), { once: true })
  })
  const run = await claim(home, say, stopping).catch((error: unknown) => {
    if (stopping.aborted) return null
    throw error
  })
  if (run === null) return 0
  const leave = () => {
    rmSync(home.stackFile, { force: true })
    run.leaving()
  }
  stopping.addEventListener('abort', leave, { once: true })
  try {
    // A stack that was killed could not remove it.
    rmSync(home.stackFile, { force: true })
    const stack = await startStack(home, { run, say, dev, restart: true, signal: stopping, given: process.env })
    const { failed, stop, startServer: _, ...addresses } = stack
    replaceFile(home.stackFile, JSON.stringify(addresses satisfies Addresses, null, 2))
    say('Ready')
    console.log(tell(addresses, home.folder === path.join(ROOT, '.local') ? undefined : home.folder))
    const failure = await Promise.race([stopped, failed])
    leave()
    if (failure) console.error(failure.message)
    await stop(say)
    return failure ? 1 : 0
  } catch (error) {
    if (stopping.aborted) return 0
    throw error
  } finally {
    leave()
    run.release()
  }
}
