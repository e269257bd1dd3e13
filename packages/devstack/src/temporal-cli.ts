import type { Home } from './home.ts'
import { runInOurPlace } from './inherit.ts'
import { onTemporal } from './operate.ts'
import { readyStack } from './stack-file.ts'
import { findTemporal } from './temporal-binary.ts'

/** Temporal's own command, on the running stack where the environment names no other server. Returns the exit code. */
export const runTemporal = async (home: Home, args: readonly string[]): Promise<number> =>
  runInOurPlace(await findTemporal({ say: console.error }), args, { env: onTemporal(process.env, readyStack(home)) })
