import { mkdirSync } from 'node:fs'
import path from 'node:path'

/** The root of the repository. */
export const ROOT = path.resolve(import.meta.dirname, '../../..')

/** Where a stack keeps its data, logs and keys: `.local`, or the folder that PAY_TO_VIEW_HOME names. */
export type Home = Readonly<{
  folder: string
  postgres: string
  temporalDb: string
  emulatorData: string
  /** The built pages. Not in apps/web: two stacks of one clone may build at the same time. */
  web: string
  issuerKey: string
  playbackKey: string
  secrets: string
  logs: string
  /** What scripts read while the stack is ready. */
  stackFile: string
  /** Which processes belong to the stack, and the lock that keeps a second stack out. */
  runFile: string
  /** Downloaded programs. The only thing that `reset` keeps. */
  cache: string
}>

export const openHome = (folder = process.env.PAY_TO_VIEW_HOME || '.local'): Home => {
  const home = path.resolve(ROOT, folder)
  mkdirSync(path.join(home, 'logs'), { recursive: true })
  return {
    folder: home,
    postgres: path.join(home, 'postgres'),
    temporalDb: path.join(home, 'temporal.db'),
    emulatorData: path.join(home, 'stripe-emulator'),
    web: path.join(home, 'web'),
    issuerKey: path.join(home, 'issuer.jwk'),
    playbackKey: path.join(home, 'playback.jwk'),
    secrets: path.join(home, 'secrets.json'),
    logs: path.join(home, 'logs'),
    stackFile: path.join(home, 'stack.json'),
    runFile: path.join(home, 'run.json'),
    cache: path.join(home, 'cache'),
  }
}

/** A path inside the repository as people type it. */
export const shown = (file: string) => {
  const relative = path.relative(ROOT, file)
  return relative.startsWith('..') ? file : relative
}
