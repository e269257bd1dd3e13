/**
 * Ids that we generate are TypeIDs: a prefix, an underscore, and a UUIDv7 as 26 characters of Crockford base32. Ids of entities and products
 * are usually the site's own. They are the "encoded" ids of the integration guide.
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

/** Matches the ids of grants: ours, and those that a migration has given. */
export const grantIdPattern = /^grant_[0-9a-z]{26,32}$/

/** The prefix of the TypeID that replaces the id of a user who was erased. */
export const pseudonymPrefix = 'forgotten'

/** Whether a user was erased. */
export const isPseudonym = (userId: string): boolean => new RegExp(`^${pseudonymPrefix}_${suffix}$`).test(userId)

/** Matches the ids of entities and products: the site's own and ours. A URL contains them encoded. */
export const catalogIdPattern = /^(?!\.{1,2}$)[A-Za-z0-9._~:-]{1,128}$/

/** The ids of our other workflows begin with these. A purchase with such an id would receive their messages. */
const reservedWorkflowPrefixes = ['reconcile', 'webhook-', 'entity-']

/**
 * Matches the ids of purchases: ours, and those that another backend wrote into Stripe's metadata (numbers, UUIDs, base64). They are part of URLs,
 * where a slash would not survive every proxy, and the ids of workflows.
 */
export const purchaseIdPattern = new RegExp(`^(?!\\.{1,2}$|${reservedWorkflowPrefixes.join('|')})[A-Za-z0-9._~:@=+,-]{1,200}$`)

/** Only these contain other entities. */
export const containerTypes: readonly EntityType[] = ['channel', 'content']

/** How many containers may contain each other above an entity. */
export const maxContainerLevels = 8
