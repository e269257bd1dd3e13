import type { Services } from '../src/trpc.ts'

/** Throws, because the test does not expect the call. */
export const never = (): never => {
  throw new Error('Unexpected call')
}

/** Services that throw when they are called. A test replaces the services that it expects to be called. */
export const unusedServices = (): Services => ({
  reads: new Proxy(Object.create(null), { get: never }),
  access: { startPlayback: never },
  purchases: { create: never, refund: never, withdraw: never, accept: never },
  operator: new Proxy(Object.create(null), { get: never }),
  buildLinks: never,
  accessChanges: { onAccessChange: never, onEntityChange: never },
  automaticTax: false,
  consent: null,
  playback: null,
  playbackSessions: { start: never, heartbeat: never, end: never },
  openStream: never,
  withLimit: (_lane, _caller, call) => call(),
  stopping: new AbortController().signal,
})
