import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import { createPlayback, type Playback, PlaybackKey } from '@pay-to-view/api'
import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { createEdge } from '../edge.ts'

const issuer = 'https://api.test'
const [film, otherFilm] = ['vid_1', 'vid_2']
let publishedSigner: Playback | null = null
const server = createServer((_request, response) => {
  response
    .writeHead(publishedSigner ? 200 : 503, { 'content-type': 'application/json' })
    .end(JSON.stringify(publishedSigner?.publicKeys))
})
let jwksUrl: URL

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  jwksUrl = new URL(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/.well-known/jwks.json`)
})
afterAll(() => server.close())

const newSigner = async (kid: string, tokenIssuer = issuer): Promise<Playback> => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const key = PlaybackKey.parse({ ...(await exportJWK(privateKey)), kid })
  const playback = await createPlayback({ issuer: tokenIssuer, keys: [key], lifetimeSeconds: 300 })
  if (!playback) throw new Error('No signer was created')
  return playback
}

const issueToken = async ({ sign }: Playback, entityId = film): Promise<string> =>
  (await sign({ userId: 'alice', entityId, accessEndsAt: null }))?.token ?? ''

const requestStatus = async (token: string | null, file = 'clip.webm') => {
  const edge = createEdge({ jwksUrl, issuer, serveMedia: async () => new Response('media') })
  const headers = new Headers(token === null ? {} : { authorization: `Bearer ${token}` })
  return (await edge(new Request(`http://edge.test/media/${film}/${file}`, { headers }))).status
}

test('the edge accepts only valid tokens for the requested film', async () => {
  publishedSigner = await newSigner('one')
  const token = await issueToken(publishedSigner)
  expect(await requestStatus(token)).toBe(200)
  expect(await requestStatus(await issueToken(publishedSigner, otherFilm))).toBe(403)
  expect(await requestStatus(token, `../${otherFilm}/clip.webm`)).toBe(403)
  expect(await requestStatus(token, `..%2f${otherFilm}/clip.webm`)).toBe(404)
  expect(await requestStatus(null)).toBe(401)
  expect(await requestStatus(`${token.slice(0, -4)}AAAA`)).toBe(401)
  expect(await requestStatus(await issueToken(await newSigner('two')))).toBe(401)
  expect(await requestStatus(await issueToken(await newSigner('one', 'https://other.test')))).toBe(401)
})

test('the edge responds with 503 if the keys are unavailable', async () => {
  const signer = await newSigner('one')
  publishedSigner = null
  expect(await requestStatus(await issueToken(signer))).toBe(503)
})

test('the edge rejects an expired token', async () => {
  publishedSigner = await newSigner('one')
  const signed = await publishedSigner.sign({ userId: 'alice', entityId: film, accessEndsAt: Date.now() + 60_000 })
  if (!signed) throw new Error('No token was signed')
  expect(await requestStatus(signed.token)).toBe(200)
  vi.useFakeTimers({ now: signed.expiresAt * 1000, toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  expect(await requestStatus(signed.token)).toBe(401)
})

test('a player that cannot send headers gets the film with the token in the query and in every URI of the playlist', async () => {
  publishedSigner = await newSigner('one')
  const token = await issueToken(publishedSigner)
  const folder = path.resolve(import.meta.dirname, '../media/film')
  const edge = createEdge({
    ...{ jwksUrl, issuer },
    serveMedia: async (_entityId, { url }) =>
      new Response(`${readFileSync(path.join(folder, path.basename(new URL(url).pathname)))}https://other.test/ad.m4s\n`, {
        headers: { 'content-type': 'application/vnd.apple.mpegurl' },
      }),
  })
  const playlist = async (file: string) =>
    (await edge(new Request(`http://edge.test/media/${film}/${file}?token=${token}`))).text()
  const master = await playlist('master.m3u8')
  expect(master).toContain(`URI="captions.m3u8?token=${token}"`)
  expect(master).toContain(`\nvideo.m3u8?token=${token}\n`)
  const video = await playlist('video.m3u8')
  expect(video).toContain(`URI="init.mp4?token=${token}"`)
  expect(video).toContain(`\n17.m4s?token=${token}\n`)
  expect(video.split(token)).toHaveLength(20)
  expect(video).toContain('\nhttps://other.test/ad.m4s\n')
  const refused = await edge(new Request(`http://edge.test/media/${film}/video.m3u8?token=${token.slice(0, -4)}AAAA`))
  expect(refused.status).toBe(401)
})
