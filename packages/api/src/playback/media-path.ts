/** A path that contains a percent sign outside an escape is not encoded. */
const decodeSegments = (segments: readonly string[]): readonly string[] => {
  try {
    return segments.map(decodeURIComponent)
  } catch {
    return segments
  }
}

/**
 * A CDN path with a leading slash, encoded for a URL. A path that is already encoded is not encoded again. Each segment is encoded
 * separately, as CloudFront's signer does, because the escapes of reserved characters such as `%2F` must be kept.
 */
export const toUrlPath = (path: string): string =>
  decodeSegments((path.startsWith('/') ? path : `/${path}`).split('/'))
    .map(encodeURIComponent)
    .join('/')

/**
 * The folder of a playlist, with slashes at both ends: a token for the folder covers the playlist's segments. Null for a single file, and
 * for a playlist outside any folder, because a token for the root would cover everything.
 */
export const folderOfPlaylist = (path: string): string | null => {
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  return folder !== '/' && /\.(m3u8|mpd)$/i.test(path) ? folder : null
}
