import { createServer } from 'node:http'
import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPlayback, type Playback, PlaybackKey } from '../../../packages/api/src/access/playback.ts'
import { createEdge } from '../edge.ts'

const issuer = 'https://api.test'
const [film, other] = ['vid_1', 'vid_2']
let published: Playback | null = null
const server = createServer((_request, response) => {
  response.writeHead(published ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify(published?.publicKeys))
})
let jwksUrl: URL

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  jwksUrl = new URL(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/.well-known/jwks.json`)
})
afterAll(() => server.close())

const newSigner = async (kid: string, iss = issuer): Promise<Playback> => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const key = PlaybackKey.parse({ ...(await exportJWK(privateKey)), kid })
  const playback = await createPlayback({ issuer: iss, keys: [key], lifetime: 300 })
  if (!playback) throw new Error('There is a key')
  return playback
}

const tokenOf = async ({ sign }: Playback, entityId = film): Promise<string> =>
  (await sign({ userId: 'alice', entityId, accessEnds: null }))?.token ?? ''

const ask = async (token: string | null, file = 'clip.webm') => {
  const edge = createEdge({ jwksUrl, issuer, film: async () => new Response('the film') })
  const headers = new Headers(token === null ? {} : { authorization: `Bearer ${token}` })
  return (await edge(new Request(`http://edge.test/media/${film}/${file}`, { headers }))).status
}

test('the edge opens a film to a token for it, and to no other', async () => {
  published = await newSigner('one')
  const token = await tokenOf(published)
  expect(await ask(token)).toBe(200)
  expect(await ask(await tokenOf(published, other))).toBe(403)
  expect(await ask(token, `../${other}/clip.webm`)).toBe(403)
  expect(await ask(token, `..%2f${other}/clip.webm`)).toBe(404)
  expect(await ask(null)).toBe(401)
  expect(await ask(`${token.slice(0, -4)}AAAA`)).toBe(401)
  expect(await ask(await tokenOf(await newSigner('two')))).toBe(401)
  expect(await ask(await tokenOf(await newSigner('one', 'https://other.test')))).toBe(401)
})

test('keys that cannot be read are not the token’s fault', async () => {
  const signer = await newSigner('one')
  published = null
  expect(await ask(await tokenOf(signer))).toBe(503)
})
