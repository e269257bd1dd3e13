import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Connect, Plugin } from 'vite'
import { createEdge } from './edge.ts'

/** The demo has one clip of its own for everything (README.md says how it was made); it is silent. */
const clip = path.join(import.meta.dirname, 'media/clip.webm')

/** Plays the CDN in dev and preview: /media/<entityId>/clip.webm, for a playback token. In production a CDN does, with edge.ts before it. */
export const mediaAtEdge = (): Plugin => {
  const serve = (middlewares: Connect.Server): void => {
    const edge = createEdge({
      jwksUrl: new URL('/.well-known/jwks.json', process.env.API_URL),
      issuer: process.env.PLAYBACK_ISSUER ?? 'pay-to-view',
      film: async () =>
        new Response(new Uint8Array(await readFile(clip)), {
          headers: { 'content-type': 'video/webm', 'cache-control': 'private, no-store' },
        }),
    })
    middlewares.use(async (request, response, next) => {
      if (!request.url?.startsWith('/media/')) return next()
      const { authorization = '' } = request.headers
      const answer = await edge(new Request(new URL(request.url, 'http://edge.local'), { headers: { authorization } }))
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(Buffer.from(await answer.arrayBuffer()))
    })
  }
  return {
    name: 'media-at-edge',
    configureServer: ({ middlewares }) => serve(middlewares),
    configurePreviewServer: ({ middlewares }) => serve(middlewares),
  }
}
