import type { DataFolder } from './data-folder.ts'
import { runInForeground } from './foreground.ts'
import { withRunningTemporal } from './ops.ts'
import { readRunningStack } from './stack-file.ts'
import { findTemporal } from './temporal-binary.ts'

/** Runs Temporal's CLI against the running stack, or against the server in the environment variables. Returns the exit code. */
export const runTemporal = async (dataFolder: DataFolder, args: readonly string[]): Promise<number> =>
  runInForeground(await findTemporal({ log: console.error }), args, {
    env: withRunningTemporal(process.env, readRunningStack(dataFolder)),
  })
