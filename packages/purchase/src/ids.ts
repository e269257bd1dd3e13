/**
 * Ids seen outside are TypeIDs (a prefix, an underscore, 26 characters of Crockford base32 over a UUIDv7); they are the integration
 * guide's "encoded" ids at once. This table is the only place where a prefix is written.
 */
export const prefixes = { purchase: 'ptv', product: 'prod', video: 'vid', channel: 'chan', content: 'cont' } as const

export type IdKind = keyof typeof prefixes

/** The guide's numbers for kinds of entity: what JSON carries; metadata carries the same number as a string. */
export const entityTypes = { video: 1, channel: 2, content: 3 } as const
export type EntityType = (typeof entityTypes)[keyof typeof entityTypes]

const suffix = '[0-7][0-9a-hjkmnp-tv-z]{25}'

/** A pattern that matches exactly the ids of the given kinds. */
export const idPattern = (...kinds: IdKind[]): RegExp =>
  new RegExp(`^(${kinds.map((kind) => prefixes[kind]).join('|')})_${suffix}$`)

/** The guide's number for an entity id, or null where the id is not an entity's. */
export const entityTypeOf = (entityId: string): EntityType | null => {
  for (const kind of ['video', 'channel', 'content'] as const) if (idPattern(kind).test(entityId)) return entityTypes[kind]
  return null
}
