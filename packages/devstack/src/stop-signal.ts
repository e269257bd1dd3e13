import { whenNpmExits } from './npm-parent.ts'

/**
 * Returns an AbortSignal that is aborted on Ctrl-C, on a stop signal to this process, when the terminal closes, and when the npm process
 * that started this process exits.
 */
export const createStopSignal = (): AbortSignal => {
  const stopping = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stopping.abort(name))
  void whenNpmExits().then(() => stopping.abort('npm has exited'))
  return stopping.signal
}
