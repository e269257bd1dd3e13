/**
 * Public ids are TypeIDs: a prefix, an underscore, and a UUIDv7 as 26 characters of Crockford base32. They are also the "encoded" ids of the
 * integration guide.
 */
export const prefixes = { purchase: 'ptv', product: 'prod', video: 'vid', channel: 'chan', content: 'cont' } as const

export type IdKind = keyof typeof prefixes

/** The integration guide's numbers for entity types. In Stripe metadata they are strings. */
export const entityTypes = { video: 1, channel: 2, content: 3 } as const
export type EntityType = (typeof entityTypes)[keyof typeof entityTypes]

const suffix = '[0-7][0-9a-hjkmnp-tv-z]{25}'

/** Returns a pattern that matches the ids of the given kinds. */
export const idPattern = (...kinds: IdKind[]): RegExp =>
  new RegExp(`^(${kinds.map((kind) => prefixes[kind]).join('|')})_${suffix}$`)

/** Returns null for an id that is not an entity's. */
export const entityTypeOf = (entityId: string): EntityType | null => {
  for (const kind of ['video', 'channel', 'content'] as const) if (idPattern(kind).test(entityId)) return entityTypes[kind]
  return null
}
