/**
 * The prefixes of the ids that we generate. Generated ids are TypeIDs: a prefix, an underscore, and a UUIDv7 as 26 characters of Crockford
 * base32. An id that a repeated request must generate again contains a hash instead of the UUIDv7. Entities and products usually have the
 * site's own ids. The integration guide calls the ids of entities and products "encoded" ids.
 */
export const prefixes = {
  purchase: 'ptv',
  product: 'prod',
  video: 'vid',
  channel: 'chan',
  content: 'cont',
  grant: 'grant',
  job: 'job',
  playback: 'play',
} as const

/** The numbers of the entity types in the integration guide. In Stripe metadata, these numbers are strings. */
export const entityTypes = { video: 1, channel: 2, content: 3 } as const
export type EntityType = keyof typeof entityTypes
export type EntityTypeNumber = (typeof entityTypes)[EntityType]

const suffix = '[0-7][0-9a-hjkmnp-tv-z]{25}'

/**
 * Matches user ids that pay-to-view accepts from tokens, from the API and in files. Control characters and surrounding spaces are not
 * allowed, because a CSV file does not preserve them.
 */
export const userIdPattern = /^(?!\s)[^\p{Cc}\p{Cs}]*(?<!\s)$/u

/** The prefix of the TypeID that replaces an erased user's id. */
export const pseudonymPrefix = 'forgotten'

/** Whether a user id is the pseudonym of an erased user. */
export const isPseudonym = (userId: string): boolean => new RegExp(`^${pseudonymPrefix}_${suffix}$`).test(userId)

/** Matches the ids of entities and products, both the site's own ids and generated ids. In URLs, these ids are percent-encoded. */
export const catalogIdPattern = /^(?!\.{1,2}$)[A-Za-z0-9._~:-]{1,128}$/

/**
 * Matches purchase ids: generated ids, and ids of any form that another backend wrote into Stripe metadata. In URLs, these ids are
 * percent-encoded. White space at the start or the end would be lost in a form, and URLs cannot contain the segments `.` and `..`.
 */
export const purchaseIdPattern = /^(?!\.{1,2}$|\s)[^\p{Cc}\p{Cs}]{1,200}(?<!\s)$/u

/** The only types that can contain other entities. */
export const containerTypes: readonly EntityType[] = ['channel', 'content']

/** The maximum number of nested containers above an entity. */
export const maxContainerLevels = 8
