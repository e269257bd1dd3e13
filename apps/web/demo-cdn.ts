import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Connect, Plugin } from 'vite'
import { createEdge } from './edge.ts'

/** One silent clip for every entity of the demo; see README.md for its origin. */
const clip = path.join(import.meta.dirname, 'media/clip.webm')

/** Serves /media/<entityId>/clip.webm in dev and preview for requests with a playback token. In production, a CDN with edge.ts does this. */
export const demoCdn = (): Plugin => {
  const serve = (middlewares: Connect.Server): void => {
    const edge = createEdge({
      jwksUrl: new URL('/.well-known/jwks.json', process.env.API_URL),
      issuer: process.env.PLAYBACK_ISSUER ?? 'pay-to-view',
      serveMedia: async () =>
        new Response(new Uint8Array(await readFile(clip)), {
          headers: { 'content-type': 'video/webm', 'cache-control': 'private, no-store' },
        }),
    })
    middlewares.use(async (nodeRequest, nodeResponse, next) => {
      if (!nodeRequest.url?.startsWith('/media/')) return next()
      const { authorization = '' } = nodeRequest.headers
      const response = await edge(new Request(new URL(nodeRequest.url, 'http://edge.local'), { headers: { authorization } }))
      nodeResponse.writeHead(response.status, Object.fromEntries(response.headers)).end(Buffer.from(await response.arrayBuffer()))
    })
  }
  return {
    name: 'demo-cdn',
    configureServer: ({ middlewares }) => serve(middlewares),
    configurePreviewServer: ({ middlewares }) => serve(middlewares),
  }
}
