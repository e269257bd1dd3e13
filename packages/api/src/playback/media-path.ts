const decode = (path: string): string => {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

/** A CDN path with a leading slash, encoded for a URL. A path that is already encoded is not encoded again. */
export const toUrlPath = (path: string): string => encodeURI(decode(path.startsWith('/') ? path : `/${path}`))

/**
 * The folder of a playlist, with slashes at both ends: a token for the folder covers the playlist's segments. Null for a single file, and
 * for a playlist outside any folder, because a token for the root would cover everything.
 */
export const folderOfPlaylist = (path: string): string | null => {
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  return folder !== '/' && /\.(m3u8|mpd)$/i.test(path) ? folder : null
}
