import { spawn } from 'node:child_process'
import type { Home } from './home.ts'
import { readyStack } from './stack-file.ts'
import { findTemporal } from './temporal-binary.ts'

/** Temporal's own command, on the running stack where the environment names no other server. Returns the exit code. */
export const runTemporal = async (home: Home, args: readonly string[]): Promise<number> => {
  const stack = readyStack(home)
  const local = stack && { TEMPORAL_ADDRESS: stack.temporalAddress, TEMPORAL_NAMESPACE: stack.temporalNamespace }
  const binary = await findTemporal({ say: console.error })
  const child = spawn(binary, args, {
    stdio: 'inherit',
    env: { ...process.env, ...(!process.env.TEMPORAL_ADDRESS && local) },
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
