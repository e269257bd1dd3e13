import { z } from 'zod'
import { EntityId } from '../purchases/schemas.ts'
import { text, textOfCharacters } from '../text.ts'
import { Timestamp } from '../values.ts'
import { httpUrl, playbackSource } from './playback-source.ts'

export const EntityType = z.enum(['video', 'channel', 'content'], 'Expected video, channel or content')
export const EntityStatus = z.enum(['draft', 'published', 'archived'], 'Expected draft, published or archived')

const expectedDuration = 'Expected a whole number of seconds from 1 to 10000000'
const expectedPosition = 'Expected a whole number from 0 to 1000000'
const position = z.int(expectedPosition).min(0, expectedPosition).max(1_000_000, expectedPosition)

/** A reference to an entity's container: the container's id, or its id and the entity's position among the members. */
export const containerReference = z.union(
  [EntityId, z.strictObject({ id: EntityId, position: position.nullable().default(null) })],
  'Expected the id of a channel or content, or an object with id and position',
)

const maxMetadataKeys = 50

const expectedKey = 'Expected a key of 1 to 40 characters without control characters'

const metadataRecord = z
  .record(text(40).regex(/^[^\p{Cc}]{1,40}$/u, expectedKey), text(500), {
    error: ({ code }) => (code === 'invalid_key' ? expectedKey : 'Expected an object whose values are strings'),
  })
  .refine((value) => Object.keys(value).length <= maxMetadataKeys, `Expected at most ${maxMetadataKeys} keys`)

/** The key `__proto__` is rejected here, because Zod would silently drop it. */
const metadata = z.preprocess((value: Record<string, string>, context) => {
  if (Object.hasOwn(Object(value), '__proto__'))
    context.addIssue({ code: 'custom', path: ['__proto__'], message: 'Expected another key' })
  return value
}, metadataRecord)

/** The entity fields that a caller can write. `PUT` and batches replace the whole entity: omitted fields take their defaults. */
export const entityInput = z
  .strictObject({
    id: EntityId.optional(),
    type: EntityType,
    title: textOfCharacters(200, 'Expected a title').trim().min(1, 'Expected a title'),
    description: textOfCharacters(10_000).default(''),
    imageUrl: httpUrl.nullable().default(null),
    durationSeconds: z.int(expectedDuration).min(1, expectedDuration).max(10_000_000, expectedDuration).nullable().default(null),
    status: EntityStatus.default('published').meta({ description: 'Only published entities are listed and sold' }),
    availableFrom: Timestamp.nullable().default(null),
    availableUntil: Timestamp.nullable()
      .default(null)
      .meta({ description: "When the entity's sale ends; purchased access continues" }),
    memberOf: z
      .array(containerReference, 'Expected a list of ids')
      .max(100, 'Expected at most 100 containers')
      .default([])
      .meta({ description: 'The channels and contents that contain the entity. Access to any of them includes the entity' }),
    playback: playbackSource.default(null),
    metadata: metadata.default({}).meta({ description: "The site's own keys and values, returned and never interpreted" }),
  })
  .superRefine(({ availableFrom, availableUntil }, context) => {
    if (availableFrom === null || availableUntil === null || Date.parse(availableUntil) >= Date.parse(availableFrom)) return
    context.addIssue({ code: 'custom', path: ['availableUntil'], message: 'Expected availableFrom or a later time' })
  })
