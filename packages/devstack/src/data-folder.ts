import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { postgresFolder } from './postgres-location.ts'

/** The root of the repository. */
export const repositoryRoot = path.resolve(import.meta.dirname, '../../..')

/** The folder that contains a stack's data, logs and keys. It is `.local` or the folder in PAY_TO_VIEW_HOME. */
export type DataFolder = Readonly<{
  path: string
  postgres: string
  temporalDb: string
  emulatorData: string
  /** The built web app. It is not in apps/web, because two stacks of one clone may build it concurrently. */
  web: string
  issuerKey: string
  playbackKey: string
  secrets: string
  webhooksKey: string
  logs: string
  /** A file with the services' addresses, for scripts. It exists only while the stack is ready. */
  stackFile: string
  /** A file that lists the stack's processes. It is also the lock that prevents a second stack from starting. */
  runFile: string
}>

export const openDataFolder = (folder = process.env.PAY_TO_VIEW_HOME || '.local'): DataFolder => {
  const root = path.resolve(repositoryRoot, folder)
  mkdirSync(path.join(root, 'logs'), { recursive: true })
  return {
    path: root,
    postgres: postgresFolder(root),
    temporalDb: path.join(root, 'temporal.db'),
    emulatorData: path.join(root, 'stripe-emulator'),
    web: path.join(root, 'web'),
    issuerKey: path.join(root, 'issuer.jwk'),
    playbackKey: path.join(root, 'playback.jwk'),
    secrets: path.join(root, 'secrets.json'),
    webhooksKey: path.join(root, 'webhooks.key'),
    logs: path.join(root, 'logs'),
    stackFile: path.join(root, 'stack.json'),
    runFile: path.join(root, 'run.json'),
  }
}

/**
 * Creates a data folder for one test or demo. Other users can enter the folder but not list it, because Postgres runs as another user if
 * the stack runs as root.
 */
export const createTemporaryDataFolder = (prefix = 'pay-to-view-'): DataFolder => {
  const folder = mkdtempSync(path.join(tmpdir(), prefix))
  chmodSync(folder, 0o711)
  return openDataFolder(folder)
}

export const removeDataFolder = ({ path, postgres }: DataFolder) => {
  for (const folder of [postgres, path]) rmSync(folder, { recursive: true, force: true })
}
