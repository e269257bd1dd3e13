import type { PlaybackSource } from '@pay-to-view/client'

export interface MediaRequest {
  url: string
  headers: Record<string, string>
}

const addToQuery = (url: string, parameters: Iterable<[string, string]>): string => {
  const changed = new URL(url)
  for (const [name, value] of parameters) changed.searchParams.set(name, value)
  return changed.href
}

/** Replaces the part of the path that differs between the loaded URL and the current URL. This part often contains the token. */
const movedPath = (path: string, loadedPath: string, currentPath: string): string => {
  const [loaded, current] = [loadedPath.split('/'), currentPath.split('/')]
  while (loaded.length > 0 && current.length > 0 && loaded.at(-1) === current.at(-1)) {
    loaded.pop()
    current.pop()
  }
  const [before, after] = [`${loaded.join('/')}/`, `${current.join('/')}/`]
  return before !== after && path.startsWith(before) ? after + path.slice(before.length) : path
}

/**
 * Returns how to request a playlist, a segment or a key with the current token. `loadedUrl` is the URL that the player started
 * with. `url` is derived from `loadedUrl`, so it may contain an older token. Other origins never get the token.
 */
export const mediaRequest = (
  url: string,
  loadedUrl: string,
  { provider, url: currentUrl, token }: PlaybackSource,
): MediaRequest => {
  const [request, loaded, current] = [new URL(url), new URL(loadedUrl), new URL(currentUrl ?? loadedUrl)]
  if (request.origin !== loaded.origin) return { url, headers: {} }
  if (provider === 'own') return { url, headers: token === null ? {} : { authorization: `Bearer ${token}` } }
  if (request.href === loaded.href) return { url: current.href, headers: {} }
  const moved = new URL(movedPath(request.pathname, loaded.pathname, current.pathname) + request.search, current.origin)
  // The URLs in a Mux playlist have their own signatures.
  return { url: provider === 'mux' ? moved.href : addToQuery(moved.href, current.searchParams), headers: {} }
}

/** The URL for the browser's built-in player, which sends no headers. */
export const urlWithToken = (url: string, { provider, token }: PlaybackSource): string =>
  provider === 'own' && token !== null ? addToQuery(url, [['token', token]]) : url

export const isHls = (url: string): boolean => /\.m3u8$/i.test(new URL(url).pathname)
