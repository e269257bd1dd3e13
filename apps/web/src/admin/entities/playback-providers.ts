/** The fields of each playback provider, with their labels. For Bunny, either the library and the video, or a path in a pull zone is required. */
export const playbackProviders = {
  mux: { name: 'Mux', fields: { playbackId: 'Playback ID' } },
  cloudflare: { name: 'Cloudflare Stream', fields: { uid: 'Video UID' } },
  bunny: { name: 'Bunny', fields: { libraryId: 'Library ID', videoId: 'Video ID', path: 'Or a path in a pull zone' } },
  cloudfront: { name: 'CloudFront', fields: { path: 'Path' } },
  jw: { name: 'JW Player', fields: { mediaId: 'Media ID' } },
  own: { name: 'Own server', fields: { url: 'URL' } },
} as const satisfies Record<string, { name: string; fields: Readonly<Record<string, string>> }>

export type PlaybackProvider = keyof typeof playbackProviders

export const isPlaybackProvider = (text: unknown): text is PlaybackProvider =>
  typeof text === 'string' && Object.hasOwn(playbackProviders, text)

/** The labels of all providers' fields, by their path in API errors, such as `playback.path`. */
export const playbackLabels: Readonly<Record<string, string>> = Object.fromEntries(
  Object.values(playbackProviders).flatMap(({ fields }) =>
    Object.entries(fields).map(([name, label]) => [`playback.${name}`, label] as const),
  ),
)

/** The names of a provider's fields, with their labels. */
export const fieldsOf = (provider: PlaybackProvider): [string, string][] => Object.entries(playbackProviders[provider].fields)
