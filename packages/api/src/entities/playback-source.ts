import { z } from 'zod'
import { text } from '../text.ts'

const mediaId = text(200).regex(/^[\w.~-]+$/, 'Expected an id of letters, digits, . _ ~ and -')
const path = text(1_000)
  .regex(/^[^\s?#\p{Cc}\\]+$/u, 'Expected a path without spaces, ? or #')
  .refine((value) => !value.split('/').includes('..'), 'Expected a path without ..')

export const httpUrl = text(2_048).refine(
  (value) => /^https?:\/\/[^\s\p{Cc}]+$/iu.test(value) && URL.canParse(value),
  'Expected an absolute URL that begins with https:// or http://',
)

const expectedLibrary = 'Expected the id of a library'

const bunny = z
  .strictObject({
    provider: z.literal('bunny'),
    libraryId: z.union([mediaId, z.int().min(1, expectedLibrary)], expectedLibrary).optional(),
    videoId: mediaId.optional(),
    path: path.optional(),
  })
  .superRefine(({ libraryId, videoId, path: ofPullZone }, context) => {
    const isEmbed = libraryId !== undefined && videoId !== undefined
    if (ofPullZone === undefined ? isEmbed : libraryId === undefined && videoId === undefined) return
    context.addIssue({ code: 'custom', path: [], message: 'Expected either libraryId and videoId, or path' })
  })

/** Where a player finds an entity's media; the fields depend on the provider. */
export const playbackSource = z.discriminatedUnion(
  'provider',
  [
    z.strictObject({ provider: z.literal('mux'), playbackId: mediaId }),
    z.strictObject({ provider: z.literal('cloudflare'), uid: mediaId }),
    bunny,
    z.strictObject({ provider: z.literal('cloudfront'), path }),
    z.strictObject({ provider: z.literal('jw'), mediaId }),
    z.strictObject({ provider: z.literal('own'), url: httpUrl }),
  ],
  'Expected an object whose provider is mux, cloudflare, bunny, cloudfront, jw or own',
)
