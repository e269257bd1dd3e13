import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { programOf } from '@pay-to-view/testing/built'

/** Runs an operator command with the given environment variables. */
export const runOps = async (args: readonly string[], env: Record<string, string>) => {
  const child = spawn(process.execPath, [...programOf('ops'), ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exit])
  return { exitCode, stdout, stderr }
}
