import { z } from 'zod'
import { text } from '../text.ts'

const expectedId = "Expected the video's id at the provider: letters, digits, . _ ~ and -"
const mediaId = text(200, expectedId)
  .regex(/^[\w.~-]+$/, expectedId)
  .refine((value) => !['.', '..'].includes(value), 'Expected an id, not . or ..')

const examplePath = 'such as films/nosferatu/master.m3u8'

/** The segments of a path. Only the escapes of . and / are decoded, because other escapes may be malformed. */
const segmentsOf = (path: string): string[] => path.replace(/%2e/gi, '.').replace(/%2f/gi, '/').split('/')

const expectedPath = `Expected a path, ${examplePath}`
const path = text(1_000, expectedPath)
  .min(1, expectedPath)
  .refine(
    (value) => !/^([a-z][a-z\d+.-]*:)?\/\//i.test(value),
    `Expected a path without https:// and a host name, ${examplePath}`,
  )
  .regex(/^[^\s?#\p{Cc}\\]*$/u, 'Expected a path without spaces, ?, # and \\')
  .refine((value) => !segmentsOf(value).includes('..'), 'Expected a path without ..')

const hasCredentials = (url: string): boolean => {
  if (!URL.canParse(url)) return false
  const { username, password } = new URL(url)
  return username !== '' || password !== ''
}

const expectedUrl = 'Expected an absolute URL that begins with https:// or http://'

/** A URL that pages and players load. It contains no password, because every viewer gets the URL. */
export const httpUrl = text(2_048, expectedUrl)
  .refine((value) => /^https?:\/\/[^\s\p{Cc}]+$/iu.test(value) && URL.canParse(value), expectedUrl)
  .refine((value) => !hasCredentials(value), 'Expected a URL without a user name and password, because every viewer gets it')

const expectedLibrary = 'Expected the id of a library, which is a number'
const libraryId = z.union(
  [text(20).regex(/^[1-9]\d*$/, expectedLibrary), z.int(expectedLibrary).min(1, expectedLibrary)],
  expectedLibrary,
)

/** Returns a validation message for Bunny's fields and the path of the invalid field, or null if the fields are complete. */
const bunnyProblem = ({
  libraryId: library,
  videoId: video,
  path: ofPullZone,
}: {
  libraryId?: string | number | undefined
  videoId?: string | undefined
  path?: string | undefined
}): { path: string[]; message: string } | null => {
  const isComplete = library !== undefined && video !== undefined
  const isEmpty = library === undefined && video === undefined
  if (ofPullZone === undefined ? isComplete : isEmpty) return null
  if (ofPullZone !== undefined || isEmpty) return { path: [], message: 'Expected either libraryId and videoId, or path' }
  return video === undefined
    ? { path: ['videoId'], message: 'Expected the id of a video, because libraryId is set' }
    : { path: ['libraryId'], message: `${expectedLibrary}, because videoId is set` }
}

interface FieldSchemas {
  mediaId: z.ZodString
  path: z.ZodString
  url: z.ZodString
  libraryId: z.ZodType<string | number, string | number>
}

const sourceOf = (schemas: FieldSchemas) =>
  z.discriminatedUnion(
    'provider',
    [
      z.strictObject({ provider: z.literal('mux'), playbackId: schemas.mediaId }),
      z.strictObject({ provider: z.literal('cloudflare'), uid: schemas.mediaId }),
      z
        .strictObject({
          provider: z.literal('bunny'),
          libraryId: schemas.libraryId.optional(),
          videoId: schemas.mediaId.optional(),
          path: schemas.path.optional(),
        })
        .superRefine((bunny, context) => {
          const problem = bunnyProblem(bunny)
          if (problem) context.addIssue({ code: 'custom', ...problem })
        }),
      z.strictObject({ provider: z.literal('cloudfront'), path: schemas.path }),
      z.strictObject({ provider: z.literal('jw'), mediaId: schemas.mediaId }),
      z.strictObject({ provider: z.literal('own'), url: schemas.url.nullable() }),
    ],
    {
      error: ({ code }) =>
        code === 'invalid_union'
          ? 'Expected mux, cloudflare, bunny, cloudfront, jw or own'
          : 'Expected an object, such as { "provider": "mux", "playbackId": "…" }',
    },
  )

/**
 * The location of an entity's media, for the player; the fields depend on the provider. The source `own` without a URL means the same as no
 * source, and is stored as null.
 */
export const playbackSource = sourceOf({ mediaId, path, url: httpUrl, libraryId })
  .nullable()
  .transform((source) => {
    if (source?.provider !== 'own') return source
    return source.url === null ? null : { ...source, url: source.url }
  })

/** A stored source. Its rules are less strict, because sources that an earlier version accepted must still play. */
export const storedPlaybackSource = sourceOf({
  mediaId: z.string(),
  path: z.string(),
  url: z.string(),
  libraryId: z.union([z.string(), z.int()]),
})
