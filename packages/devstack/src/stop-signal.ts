import { whenNpmExits } from './npm-parent.ts'

/** Aborted by Ctrl-C, by a signal to this process, by the end of its terminal, and when the npm that started it exits. */
export const createStopSignal = (): AbortSignal => {
  const stopping = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stopping.abort(name))
  void whenNpmExits().then(() => stopping.abort('npm has exited'))
  return stopping.signal
}
