import path from 'node:path'
import type { DataFolder } from '@pay-to-view/devstack'
import { type Child, startChildUntilReady } from '@pay-to-view/devstack/child'
import { respondsOk } from '@pay-to-view/devstack/wait'

export interface ProcessGroupOptions {
  dataFolder: DataFolder
  bundleFolder: string
  /** The folder for CPU profiles of the measured programs. If it is not set, no profiles are recorded. */
  profiles?: string | undefined
  /** Node options for pay-to-view's server and worker. */
  nodeOptions?: readonly string[]
  /** Called after the last process has stopped. */
  cleanUp: () => void
}

export interface Program {
  name: string
  /** The path of the bundled file, relative to the bundle folder. */
  file: string
  env: Record<string, string | undefined>
  /** A URL that returns 200 when the program is ready. */
  readyUrl?: string
}

export type ProcessGroup = ReturnType<typeof createProcessGroup>

/** Manages the processes of one benchmark. They are stopped in reverse order, even if the benchmark is interrupted. */
export const createProcessGroup = ({ dataFolder, bundleFolder, profiles, nodeOptions = [], cleanUp }: ProcessGroupOptions) => {
  const children: Child[] = []
  const stopAll = async () => {
    for (const child of children.reverse()) await child.stop()
    cleanUp()
  }
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= stopAll()
    return stopping
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => stop().finally(() => process.exit(1)))
  }
  return {
    add: (child: Child): void => {
      children.push(child)
    },
    /** Starts a bundled program with the Node options of deploy/Dockerfile, and returns its pid. */
    start: async ({ name, file, env, readyUrl }: Program): Promise<number> => {
      const profileArgs = profiles && name !== 'stripe' ? ['--cpu-prof', `--cpu-prof-dir=${path.resolve(profiles)}`] : []
      const isPayToView = name === 'server' || name === 'worker'
      const child = await startChildUntilReady(
        {
          name,
          command: process.execPath,
          args: [...profileArgs, ...(isPayToView ? nodeOptions : []), path.join(bundleFolder, file)],
          env: { ...env, NODE_ENV: 'production', NODE_OPTIONS: '--enable-source-maps --max-semi-space-size=32' },
          log: path.join(dataFolder.logs, `${name}.log`),
        },
        async () => readyUrl === undefined || respondsOk(readyUrl),
      )
      children.push(child)
      return child.pid
    },
    stop,
  }
}
