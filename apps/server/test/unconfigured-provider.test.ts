import { findUnplayableEntities, PlaybackKey } from '@pay-to-view/api'
import { grantComplimentaryAccess } from '@pay-to-view/db'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import { seedIds } from '@pay-to-view/testing/stack'
import type { FastifyInstance } from 'fastify'
import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { startPlaybackServer } from './playback-server.ts'

let database: Database
let server: FastifyInstance
const logged: string[] = []

beforeAll(async () => {
  database = await startDatabase()
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const key = PlaybackKey.parse({ ...(await exportJWK(privateKey)), kid: 'one' })
  server = await startPlaybackServer(database.db, { key, onLog: (line) => logged.push(line) })
}, 120_000)

afterAll(async () => {
  await server?.close()
  await database?.stop()
})

const start = async () => {
  const response = await server.inject({
    ...{ method: 'POST', url: '/client/v1/pay-to-view/access/playback', payload: { entityId: seedIds.dayFilm } },
    headers: { authorization: 'Bearer alice' },
  })
  return { status: response.statusCode, body: response.json() }
}

test('a start of an entity whose provider has no keys takes no place; the log names the missing variables once a minute', async () => {
  const times = { startsAt: null, expiresAt: null, reason: 'test', grantedBy: 'test', idempotencyKey: null }
  await grantComplimentaryAccess(database.db, { userId: 'alice', entityId: seedIds.dayFilm, ...times })
  const playback = { provider: 'mux', playbackId: 'abc' }
  await database.db.entity.update({ where: { id: seedIds.dayFilm }, data: { playback } })
  const { status, body } = await start()
  expect([status, body.code]).toEqual([503, 'playback_provider_not_configured'])
  expect(await start()).toMatchObject({ status: 503 })
  const missing = ['MUX_SIGNING_KEY_ID', 'MUX_SIGNING_PRIVATE_KEY']
  expect(logged.map((line) => z.looseObject({}).parse(JSON.parse(line)))).toMatchObject([
    { entityId: seedIds.dayFilm, provider: 'mux', missing },
  ])
  expect(logged.join()).not.toContain('stack')
  expect(JSON.stringify(body)).not.toContain('MUX')
  const ofMux = { kind: 'mux', entities: 1, example: seedIds.dayFilm, missing }
  expect(await findUnplayableEntities(database.db, { PLAYBACK_KEYS: '{}' })).toEqual([ofMux])
  const muxKeys = { [missing[0] ?? '']: 'a', [missing[1] ?? '']: 'b' }
  expect(await findUnplayableEntities(database.db, muxKeys)).toMatchObject([{ kind: null, missing: ['PLAYBACK_KEYS'] }])
  expect(await database.db.playbackSession.count({ where: { userId: 'alice' } })).toBe(0)
})
