import { untilLeftAlone } from './parent.ts'

/** Aborted by Ctrl-C, by whoever ends this process or its terminal, and when the npm that has started it is no more. */
export const untilStopped = (): AbortSignal => {
  const stopping = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stopping.abort(name))
  void untilLeftAlone().then(() => stopping.abort('npm has ended'))
  return stopping.signal
}
