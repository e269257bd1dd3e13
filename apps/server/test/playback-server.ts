import {
  createMediaSigner,
  createPlayback,
  createPlaybackProviders,
  createPlaybackSessions,
  type PlaybackKey,
} from '@pay-to-view/api'
import { createReads, type Db } from '@pay-to-view/db'
import { createLog } from '@pay-to-view/telemetry'
import type { FastifyInstance } from 'fastify'
import { createMissingKeysLog } from '../src/missing-keys.ts'
import { buildTestServer } from './test-server.ts'

/** Starts a server for playback tests, without provider keys. Tokens are valid for five minutes, and each user may use three screens. */
export const startPlaybackServer = async (
  db: Db,
  { key, onSign = () => {}, onLog = () => {} }: { key: PlaybackKey; onSign?: () => void; onLog?: (line: string) => void },
): Promise<FastifyInstance> => {
  const log = createLog('error', 'server', { destination: { write: onLog } })
  const playback = await createPlayback({ issuer: 'test', keys: [key], lifetimeSeconds: 300 })
  if (!playback) throw new Error('Expected a signer, because there is a key')
  const signUntil: typeof playback.signUntil = (grant) => {
    onSign()
    return playback.signUntil(grant)
  }
  const providers = await createPlaybackProviders({}, { ...playback, signUntil })
  const media = createMediaSigner(providers, 300, createMissingKeysLog(log, {}))
  const playbackSessions = createPlaybackSessions({ db, media, maxStreams: 3 })
  return buildTestServer({ log, reads: createReads(db), playback, playbackSessions }, { trustProxy: ['127.0.0.1'] })
}
