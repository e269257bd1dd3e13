import { request } from 'node:http'
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { restRoutes } from '@pay-to-view/api'
import { useSharedStack } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'
import { createHttpClient } from './http-client.ts'

const stack = useSharedStack()
const { send, sendRaw } = createHttpClient(() => stack().stack.api)

/** Returns the body as it was sent, whereas fetch would decompress it. */
const getEncoded = (path: string, acceptEncoding?: string) =>
  new Promise<{ status: number | undefined; headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
    const headers = acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding }
    request(`${stack().stack.api}${path}`, { headers }, async (response) => {
      const chunks: Buffer[] = await response.toArray()
      resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) })
    })
      .once('error', reject)
      .end()
  })

test.each(['/client/v1/pay-to-view/entities', '/openapi.json'])(
  '%s is compressed with an encoding that the client accepts',
  async (path) => {
    const plain = await getEncoded(path)
    expect(plain.headers['content-encoding']).toBeUndefined()
    for (const [encoding, decompress] of [
      ['br', brotliDecompressSync],
      ['gzip', gunzipSync],
    ] as const) {
      const { status, headers, body } = await getEncoded(path, encoding)
      expect([status, headers['content-encoding']]).toEqual([200, encoding])
      expect(headers.vary).toMatch(/accept-encoding/i)
      expect(headers['content-type']).toBe(plain.headers['content-type'])
      expect(headers['cache-control']).toBe(plain.headers['cache-control'])
      expect(body.length).toBeLessThan(plain.body.length / 2)
      expect(decompress(body).equals(plain.body)).toBe(true)
    }
    expect((await getEncoded(path, 'deflate;q=1, x-unknown')).body.equals(plain.body)).toBe(true)
  },
)

test('no response about one user is compressed, so its size reveals nothing', async () => {
  const user = stack().newUser()
  const token = await stack().token(user)
  const { purchaseId } = await stack().create(await stack().client(user))
  for (const { method, path, public: isPublic } of restRoutes().filter(({ path }) => path.startsWith('/client/'))) {
    const response = await send(method, path.replace('{id}', purchaseId), {
      token,
      headers: { 'accept-encoding': 'gzip' },
      ...(method === 'POST' && { body: {} }),
    })
    if (!isPublic) expect([path, response.headers.get('content-encoding')]).toEqual([path, null])
  }
  const input = encodeURIComponent(JSON.stringify({ id: purchaseId }))
  const headers = { authorization: `Bearer ${token}`, 'accept-encoding': 'gzip' }
  expect((await sendRaw(`/trpc/purchases.get?input=${input}`, 'GET', headers)).headers['content-encoding']).toBeUndefined()
})

test('a compressed request is not decompressed', async () => {
  const body = gzipSync(JSON.stringify({ payToViewProductId: 'x'.repeat(100_000) }))
  const response = await fetch(`${stack().stack.api}/client/v1/pay-to-view/purchases`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      authorization: `Bearer ${await stack().token(stack().newUser())}`,
    },
    body,
  })
  expect(response.status).toBe(400)
})
