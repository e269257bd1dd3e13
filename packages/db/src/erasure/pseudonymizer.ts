/** A user's id and e-mail addresses. */
export interface UserNames {
  userId: string
  emails: readonly string[]
}

/** Replaces a user's identifiers with a pseudonym. */
export interface Pseudonymizer {
  /** Replaces a value only if it equals the user's id, because a user's e-mail address may be another user's id. */
  userId: (value: string) => string
  /** Replaces the user's names in a string. Only whole words match; case is ignored, and percent-encoded names match too. */
  text: (value: string) => string
}

const escapePattern = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** Returns the plain and percent-encoded spellings of the names, longest first, because an e-mail address may contain the id. */
const formsOf = (names: readonly string[]): string[] =>
  [...new Set(names.flatMap((name) => [name, encodeURIComponent(name)]))].sort((a, b) => b.length - a.length)

const replaceWords = (names: readonly string[], pseudonym: string): ((text: string) => string) => {
  if (names.length === 0) return (text) => text
  const words = formsOf(names).map(escapePattern).join('|')
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${words})(?![\\p{L}\\p{N}_])`, 'giu')
  return (text) => text.replaceAll(pattern, pseudonym)
}

const namesOf = ({ userId, emails }: UserNames): string[] => [userId, ...emails].filter((name) => name !== '')

export const createPseudonymizer = (user: UserNames, pseudonym: string): Pseudonymizer => ({
  userId: (value) => (value === user.userId ? pseudonym : value),
  text: replaceWords(namesOf(user), pseudonym),
})

/** The minimum length of a name that is replaced in other users' texts. A shorter name is likely to be an ordinary word or number. */
const minSpecificLength = 6

const specificNames = (user: UserNames): string[] => namesOf(user).filter(({ length }) => length >= minSpecificLength)

/** Creates a pseudonymizer for other users' texts. */
export const createMentionPseudonymizer = (user: UserNames, pseudonym: string): Pseudonymizer => ({
  ...createPseudonymizer(user, pseudonym),
  text: replaceWords(specificNames(user), pseudonym),
})

/**
 * Returns a Postgres regular expression that finds mentions of the user in other users' rows, in plain text or JSON. Returns null if no
 * name is specific enough. The expression may also match texts in which nothing is replaced.
 */
export const mentionPattern = (user: UserNames): string | null => {
  const forms = formsOf(specificNames(user)).flatMap((form) => [form, JSON.stringify(form).slice(1, -1)])
  if (forms.length === 0) return null
  return `(^|[^[:alnum:]_])(${[...new Set(forms)].map(escapePattern).join('|')})($|[^[:alnum:]_])`
}

/** Replaces the user's names in unique strings that must stay unique, such as idempotency keys. */
export const replaceUniqueTexts = ({ text }: Pseudonymizer, values: Iterable<string>): ReadonlyMap<string, string> => {
  const replaced = new Map<string, string>()
  const taken = new Set<string>()
  for (const value of [...new Set(values)].sort()) {
    let next = text(value)
    for (let n = 2; taken.has(next); n++) next = `${text(value)}-${n}`
    taken.add(next)
    replaced.set(value, next)
  }
  return replaced
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export interface FieldReplacement extends Pseudonymizer {
  requestIds: ReadonlyMap<string, string>
  /** Whether to remove the reasons that operators wrote about this user. */
  removesReasons: boolean
}

/** Replaces the user in an object with known fields: a snapshot or the cause of a change. */
export const replaceInFields = (value: unknown, replacement: FieldReplacement): unknown => {
  if (!isObject(value)) return value
  const { text, requestIds, removesReasons } = replacement
  const { userId, by, requestId, reason } = value
  return {
    ...value,
    ...(typeof userId === 'string' && { userId: replacement.userId(userId) }),
    ...(typeof by === 'string' && { by: text(replacement.userId(by)) }),
    ...(typeof requestId === 'string' && { requestId: requestIds.get(requestId) ?? text(requestId) }),
    ...(typeof reason === 'string' && { reason: removesReasons ? null : text(reason) }),
  }
}

/** Replaces the user in each value of an object, such as a purchase's facts. */
export const replaceInValues = (values: unknown, replacement: FieldReplacement): unknown =>
  isObject(values)
    ? Object.fromEntries(Object.entries(values).map(([key, value]) => [key, replaceInFields(value, replacement)]))
    : values

/** Replaces the user in the data that was parsed from an event. */
export const replaceInParsedEvent = (parsed: unknown, replacement: FieldReplacement): unknown =>
  isObject(parsed) && Array.isArray(parsed.snapshots)
    ? { ...parsed, snapshots: parsed.snapshots.map((snapshot: unknown) => replaceInFields(snapshot, replacement)) }
    : parsed

/** Replaces the user's names in every string of a JSON value that is meant only for people. */
export const replaceInTexts = (value: unknown, text: Pseudonymizer['text']): unknown => {
  if (typeof value === 'string') return text(value)
  if (Array.isArray(value)) return value.map((item) => replaceInTexts(item, text))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceInTexts(item, text)]))
}

/**
 * Removes the return URL from a stored checkout request, replaces the user in the metadata, and replaces the Stripe customer's id with the
 * pseudonym.
 */
export const replaceInCheckoutRequest = (request: unknown, pseudonym: string, pseudonymizer: Pseudonymizer): unknown => {
  if (!isObject(request)) return request
  const { return_url: _removed, metadata, payment_intent_data: payment, ...rest } = request
  const replacement = { ...pseudonymizer, requestIds: new Map(), removesReasons: false }
  return {
    ...rest,
    ...('customer' in rest && { customer: pseudonym }),
    ...(isObject(metadata) && { metadata: replaceInFields(metadata, replacement) }),
    ...(isObject(payment) && { payment_intent_data: { ...payment, metadata: replaceInFields(payment.metadata, replacement) } }),
  }
}
