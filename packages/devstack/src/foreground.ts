import { constants } from 'node:os'
import { execa } from 'execa'

type Options = { cwd?: string; env: Readonly<Record<string, string | undefined>> }

/** Runs a program in this terminal with exactly the given environment, forwards signals to it, and returns its exit code. */
export const runInForeground = async (program: string, args: readonly string[], { cwd, env }: Options): Promise<number> => {
  const child = execa(program, args, { cwd, env, extendEnv: false, stdio: 'inherit', reject: false, forceKillAfterDelay: false })
  // SIGINT is not forwarded, because on Ctrl-C, the terminal sends it to the child too.
  process.on('SIGINT', () => undefined)
  for (const name of ['SIGTERM', 'SIGHUP'] as const) process.on(name, () => child.kill(name))
  const { exitCode, signal, originalMessage } = await child
  if (child.pid === undefined) throw new Error(`${program} cannot be started: ${originalMessage}`)
  return exitCode ?? 128 + (signal ? constants.signals[signal] : 0)
}
