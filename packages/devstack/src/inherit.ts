import { type SpawnOptions, spawn } from 'node:child_process'
import { constants } from 'node:os'

/** Runs a program in our place: with our input and output, and ended by what ends us. Returns its exit code. */
export const runInOurPlace = (program: string, args: readonly string[], options: SpawnOptions): Promise<number> => {
  const child = spawn(program, args, { ...options, stdio: 'inherit' })
  // The terminal sends its Ctrl-C to both.
  process.on('SIGINT', () => undefined)
  for (const name of ['SIGTERM', 'SIGHUP'] as const) process.on(name, () => child.kill(name))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}
