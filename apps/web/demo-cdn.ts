import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Connect, Plugin } from 'vite'
import { createEdge } from './edge.ts'

/** The film for every entity of the demo, as an HLS stream. media/make-film.sh has generated it. */
const film = path.join(import.meta.dirname, 'media/film')

const contentTypes: Record<string, string> = {
  m3u8: 'application/vnd.apple.mpegurl',
  mp4: 'video/mp4',
  m4s: 'video/iso.segment',
  vtt: 'text/vtt; charset=utf-8',
}

const serveFilm = async (_entityId: string, request: Request): Promise<Response> => {
  const { base, ext } = path.parse(new URL(request.url).pathname)
  const contentType = contentTypes[ext.slice(1)]
  const body = contentType === undefined ? null : await readFile(path.join(film, base)).catch(() => null)
  if (body === null || contentType === undefined) return new Response('Not found', { status: 404 })
  return new Response(new Uint8Array(body), { headers: { 'content-type': contentType, 'cache-control': 'private, no-store' } })
}

/** Serves /media/<entityId>/master.m3u8 and its segments in dev and preview, for requests with a playback token. In production, a CDN with edge.ts does this. */
export const demoCdn = (): Plugin => {
  const serve = (middlewares: Connect.Server): void => {
    const edge = createEdge({
      jwksUrl: new URL('/.well-known/jwks.json', process.env.API_URL),
      issuer: process.env.PLAYBACK_ISSUER ?? 'pay-to-view',
      serveMedia: serveFilm,
    })
    middlewares.use(async (nodeRequest, nodeResponse, next) => {
      if (!nodeRequest.url?.startsWith('/media/')) return next()
      // The page may have been opened under another of this machine's host names.
      nodeResponse.setHeader('access-control-allow-origin', '*')
      if (nodeRequest.method === 'OPTIONS')
        return nodeResponse
          .writeHead(204, { 'access-control-allow-headers': 'authorization', 'access-control-max-age': '600' })
          .end()
      const { authorization } = nodeRequest.headers
      const headers = new Headers(authorization === undefined ? {} : { authorization })
      const response = await edge(new Request(new URL(nodeRequest.url, 'http://edge.local'), { headers }))
      nodeResponse.writeHead(response.status, Object.fromEntries(response.headers)).end(Buffer.from(await response.arrayBuffer()))
    })
  }
  return {
    name: 'demo-cdn',
    configureServer: ({ middlewares }) => serve(middlewares),
    configurePreviewServer: ({ middlewares }) => serve(middlewares),
  }
}
