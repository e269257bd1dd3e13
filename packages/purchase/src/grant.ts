export const secondsPerDay = 86_400

/** The longest access with an end. A later end is assumed to be a mistyped year. */
export const maxAccessYears = 100
/** `maxAccessYears` in milliseconds. */
export const maxAccessMs = maxAccessYears * 365.25 * secondsPerDay * 1_000

const millisecondsPerHour = 3_600_000

export const grantSources = ['purchase', 'complimentary', 'import'] as const
export type GrantSource = (typeof grantSources)[number]

/** A rental must be started within days after its access starts, and can be watched for hours after its first playback. */
export interface Rental {
  startWithinDays: number
  watchWithinHours: number
}

/** The length of the access that a product gives: a number of days of 86,400 seconds, or a rental. Permanent access if both are null. */
export interface AccessTerms {
  accessDurationDays: number | null
  rental: Rental | null
}

/** The fields from which a grant's start and expiry are derived. */
export interface GrantTimes extends AccessTerms {
  /** The time of the payment, the end of the access that a renewal continues, or a time that an operator chose. */
  startsAt: Date
  /** For a pre-sold entity, its release, from which the access starts and counts. Null for every other grant. */
  releasedAt: Date | null
  /** A fixed expiry. Only complimentary and imported access has one. */
  expiresAt: Date | null
  firstPlayedAt: Date | null
  /** The expiry that an operator's extension has set, and when it was made. */
  extendedUntil: Date | null
  extendedAt: Date | null
}

/** When access starts, and when it expires; null means never. The period includes its start and excludes its expiry. */
export interface Period {
  startsAt: Date
  expiresAt: Date | null
}

const addMilliseconds = (date: Date, milliseconds: number): Date => new Date(date.getTime() + milliseconds)

const addDays = (date: Date, days: number): Date => addMilliseconds(date, days * secondsPerDay * 1000)

const latest = (...dates: (Date | null)[]): Date =>
  new Date(Math.max(...dates.flatMap((date) => (date === null ? [] : [date.getTime()]))))

/** The time until which a rental can be started, without an operator's extension. */
const rentalExpiry = ({ firstPlayedAt, extendedUntil, extendedAt }: GrantTimes, startsAt: Date, rental: Rental): Date => {
  if (firstPlayedAt === null) return latest(addDays(startsAt, rental.startWithinDays), extendedUntil)
  const watchedUntil = addMilliseconds(firstPlayedAt, rental.watchWithinHours * millisecondsPerHour)
  // An extension of the time to start the rental does not extend the time to watch it.
  return latest(watchedUntil, extendedAt !== null && extendedAt > firstPlayedAt ? extendedUntil : null)
}

/**
 * Returns when a grant starts and expires, regardless of its revocation. Before its first playback, a rental expires when its time to start
 * ends. A started rental gets its full time to watch. The SQL functions `grant_starts_at` and `grant_expires_at` compute the same.
 */
export const grantPeriod = (grant: GrantTimes): Period => {
  const { accessDurationDays: days, rental, expiresAt, extendedUntil } = grant
  const startsAt = latest(grant.startsAt, grant.releasedAt)
  if (rental) return { startsAt, expiresAt: rentalExpiry(grant, startsAt, rental) }
  if (days === null && expiresAt === null) return { startsAt, expiresAt: null }
  return { startsAt, expiresAt: latest(expiresAt, days === null ? null : addDays(startsAt, days), extendedUntil) }
}

/** Whether access that would start at the given time is sold before the entity's release. */
export const isPreSold = (startsAt: Date, availableFrom: Date | null): boolean =>
  availableFrom !== null && availableFrom > startsAt

/**
 * The period of a new grant that has been neither played nor extended: the access from a payment, which starts at a given time or with the
 * entity's release.
 */
export const soldPeriod = (terms: AccessTerms, startsAt: Date, availableFrom: Date | null): Period =>
  grantPeriod({
    ...{ accessDurationDays: terms.accessDurationDays, rental: terms.rental, startsAt, releasedAt: availableFrom },
    ...{ expiresAt: null, firstPlayedAt: null, extendedUntil: null, extendedAt: null },
  })

/** A grant that was not revoked, and the access to one entity that it gives. The grant may be for a container of the entity. */
export interface GrantedPeriod extends Period {
  grantId: string
  source: GrantSource
  /** Null unless the grant comes from a purchase. */
  purchaseId: string | null
  /** Hours to watch after the first playback; null unless the grant is a rental. */
  watchWithinHours: number | null
  firstPlayedAt: Date | null
}

/** A user's access to an entity at one time. */
export interface Access extends Period {
  hasAccess: boolean
  /** The longest-lasting grant among the active ones or, if none is active, among those that start first. */
  grant: GrantedPeriod
}

const endOf = ({ expiresAt }: Pick<Period, 'expiresAt'>): number => expiresAt?.getTime() ?? Number.POSITIVE_INFINITY

const isActiveAt = (period: Period, at: Date): boolean => period.startsAt <= at && endOf(period) > at.getTime()

/**
 * The end of uninterrupted access from a given time on. Returns the given time itself if there is no access then, and null if access
 * never ends.
 */
export const uninterruptedUntil = (periods: readonly Period[], from: Date): Date | null => {
  let until = from.getTime()
  for (const period of [...periods].sort((a, b) => a.startsAt.getTime() - b.startsAt.getTime())) {
    if (period.startsAt.getTime() <= until) until = Math.max(until, endOf(period))
  }
  return until === Number.POSITIVE_INFINITY ? null : new Date(until)
}

const lastToExpire = (periods: readonly GrantedPeriod[]): GrantedPeriod | undefined =>
  periods.reduce<GrantedPeriod | undefined>((last, period) => (last && endOf(last) >= endOf(period) ? last : period), undefined)

const isNonEmpty = (period: Period): boolean => period.startsAt.getTime() < endOf(period)

/**
 * Access is the union of the periods: a period that starts when or before another ends continues it. Returns the access at the given time,
 * or else the access that starts next, or null if there is neither.
 */
export const accessAt = (periods: readonly GrantedPeriod[], at: Date): Access | null => {
  const remaining = periods.filter((period) => isNonEmpty(period) && endOf(period) > at.getTime())
  const active = remaining.filter((period) => isActiveAt(period, at))
  const hasAccess = active.length > 0
  const firstStart = Math.min(...remaining.map(({ startsAt }) => startsAt.getTime()))
  const candidates = hasAccess ? active : remaining.filter(({ startsAt }) => startsAt.getTime() === firstStart)
  const grant = lastToExpire(candidates)
  if (!grant) return null
  const startsAt = new Date(Math.min(...candidates.map((period) => period.startsAt.getTime())))
  return { hasAccess, startsAt, expiresAt: uninterruptedUntil(remaining, hasAccess ? at : startsAt), grant }
}

/**
 * Whether the user cannot buy the entity (again), because they have access or a purchase gives it later. A renewal is rejected only if they
 * have, or will have, permanent access. The SQL function `insert_purchase` decides the same.
 */
export const isOwned = (periods: readonly GrantedPeriod[], at: Date, isRenewal: boolean): boolean =>
  periods
    .filter((period) => isNonEmpty(period) && endOf(period) > at.getTime())
    .some(({ startsAt, expiresAt, source }) => (isRenewal ? expiresAt === null : startsAt <= at || source === 'purchase'))

/**
 * Returns the grant that a playback uses: preferably one without a limited time to watch, otherwise the one that expires first. If it is a
 * rental that has not been started, its clock starts. Returns null without access.
 */
export const grantToPlay = (periods: readonly GrantedPeriod[], at: Date): GrantedPeriod | null => {
  const active = periods.filter((period) => isActiveAt(period, at))
  const unlimited = active.filter(({ watchWithinHours }) => watchWithinHours === null)
  const byExpiry = (unlimited.length > 0 ? unlimited : active).sort((a, b) => endOf(a) - endOf(b))
  return byExpiry[0] ?? null
}

/**
 * Returns the end of the access that a renewal continues: the access at the given time or, if access starts with the entity's release, the
 * access from then on. Returns the time itself if there is no access, and null if it never ends.
 */
export const continuedUntil = (
  others: readonly Period[],
  { at, availableFrom }: { at: Date; availableFrom: Date | null },
): Date | null => {
  const until = uninterruptedUntil(others, at)
  if (until === null || availableFrom === null || availableFrom <= until) return until
  const afterRelease = uninterruptedUntil(others, availableFrom)
  return afterRelease === null || afterRelease > availableFrom ? afterRelease : until
}

/**
 * Returns when a renewal starts: at its payment, or when the access that it continues ends. Permanent access starts immediately, and so
 * does a renewal of access that has become permanent.
 */
export const renewalStart = (
  others: readonly Period[],
  { at, availableFrom }: { at: Date; availableFrom: Date | null },
  terms: AccessTerms,
): Date => (terms.accessDurationDays === null && terms.rental === null ? at : continuedUntil(others, { at, availableFrom })) ?? at

/**
 * Whether other purchases give the same access as a payment for at least as long, so the payment is a duplicate. `from` is when its access
 * would start. `until` is when it would expire if the purchase had been paid when it was created, so two purchases of the same length that
 * are paid at the same moment cover each other.
 */
export const isCoveredBy = (purchases: readonly Period[], { from, until }: { from: Date; until: Date | null }): boolean => {
  const covered = uninterruptedUntil(purchases, from)
  if (covered === null) return true
  return until !== null && covered > from && covered >= until
}
