/**
 * Ids that we generate are TypeIDs: a prefix, an underscore, and a UUIDv7 as 26 characters of Crockford base32. Ids of entities and
 * products are usually the site's own. They are what the integration guide calls "encoded" ids.
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

export type IdKind = keyof typeof prefixes

/** The integration guide's numbers for entity types. In Stripe metadata they are strings. */
export const entityTypes = { video: 1, channel: 2, content: 3 } as const
export type EntityType = keyof typeof entityTypes
export type EntityTypeNumber = (typeof entityTypes)[EntityType]

const suffix = '[0-7][0-9a-hjkmnp-tv-z]{25}'

/** Returns a pattern that matches the generated ids of the given kinds. */
export const idPattern = (...kinds: IdKind[]): RegExp =>
  new RegExp(`^(${kinds.map((kind) => prefixes[kind]).join('|')})_${suffix}$`)

/** Matches the ids of grants: generated ids, and ids that a migration assigned. */
export const grantIdPattern = /^grant_[0-9a-z]{26,32}$/

/** The prefix of the TypeID that replaces the id of a user who was erased. */
export const pseudonymPrefix = 'forgotten'

/** Whether a user id is the pseudonym of an erased user. */
export const isPseudonym = (userId: string): boolean => new RegExp(`^${pseudonymPrefix}_${suffix}$`).test(userId)

/** Matches the ids of entities and products: the site's own and generated ones. In a URL, they are percent-encoded. */
export const catalogIdPattern = /^(?!\.{1,2}$)[A-Za-z0-9._~:-]{1,128}$/

/** The prefixes of our other workflows' ids. A purchase with such an id would receive their messages. */
const reservedWorkflowPrefixes = ['reconcile', 'webhook-', 'entity-']

/**
 * Matches the ids of purchases: generated ids, and ids that another backend wrote into Stripe's metadata (numbers, UUIDs, base64). They are
 * also workflow ids and parts of URLs, in which not every proxy preserves a slash.
 */
export const purchaseIdPattern = new RegExp(`^(?!\\.{1,2}$|${reservedWorkflowPrefixes.join('|')})[A-Za-z0-9._~:@=+,-]{1,200}$`)

/** The only types that can contain other entities. */
export const containerTypes: readonly EntityType[] = ['channel', 'content']

/** The maximum number of nested containers above an entity. */
export const maxContainerLevels = 8
