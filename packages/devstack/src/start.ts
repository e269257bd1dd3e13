import { rmSync } from 'node:fs'
import path from 'node:path'
import { type DataFolder, repositoryRoot } from './data-folder.ts'
import { hasIdentityProvider } from './external-services.ts'
import { replaceFile } from './files.ts'
import { readyMessage } from './ready-message.ts'
import { acquireRunFile } from './run-file.ts'
import { type StackAddresses, startStack } from './stack.ts'
import { createStopSignal } from './stop-signal.ts'

const startedAt = performance.now()
const log = (line: string) => console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}`)

/** Implements `npm start` and `npm run dev`. Runs the stack until a signal arrives or a service fails permanently. Returns the exit code. */
export const start = async (dataFolder: DataFolder, { dev = false } = {}): Promise<number> => {
  const signal = createStopSignal()
  const stopped = new Promise<null>((resolve) => {
    signal.addEventListener('abort', () => resolve(null), { once: true })
  })
  const runFile = await acquireRunFile(dataFolder, log, signal).catch((error: unknown) => {
    if (signal.aborted) return null
    throw error
  })
  if (runFile === null) return 0
  const announceStop = () => {
    rmSync(dataFolder.stackFile, { force: true })
    runFile.markStopping()
  }
  signal.addEventListener('abort', announceStop, { once: true })
  try {
    // Removes the file that a killed stack left behind.
    rmSync(dataFolder.stackFile, { force: true })
    const stack = await startStack(dataFolder, { runFile, log, dev, restart: true, signal, environment: process.env })
    const { failed, stop, startServer: _, ...addresses } = stack
    replaceFile(dataFolder.stackFile, JSON.stringify(addresses satisfies StackAddresses, null, 2))
    log('Ready')
    const ownFolder = dataFolder.path === path.join(repositoryRoot, '.local') ? undefined : dataFolder.path
    const options = {
      dataFolder: ownFolder,
      hasIdentityProvider: hasIdentityProvider(process.env),
      requiresConsent: process.env.CONSENT === 'eu',
    }
    console.log(readyMessage(addresses, options))
    const failure = await Promise.race([stopped, failed])
    announceStop()
    if (failure) console.error(failure.message)
    await stop(log)
    return failure ? 1 : 0
  } catch (error) {
    if (signal.aborted) return 0
    throw error
  } finally {
    announceStop()
    runFile.release()
  }
}
