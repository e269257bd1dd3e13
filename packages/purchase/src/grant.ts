export const secondsPerDay = 86_400

/** The maximum length of access that is not permanent. A later expiry is assumed to be a mistyped year. */
export const maxAccessYears = 100
/** `maxAccessYears` in milliseconds. */
export const maxAccessMs = maxAccessYears * 365.25 * secondsPerDay * 1_000

/** The maximum length of a product's access and of an extension in days: `maxAccessYears` without leap days. */
export const maxAccessDays = maxAccessYears * 365

const millisecondsPerHour = 3_600_000

export const grantSources = ['purchase', 'complimentary', 'import'] as const
export type GrantSource = (typeof grantSources)[number]

/**
 * A rental must be started within a number of days after access starts, and can be watched for a number of hours after the first playback.
 */
export interface Rental {
  startWithinDays: number
  watchWithinHours: number
}

/**
 * The length of the access that a product gives: a number of days of 86,400 seconds each, or a rental. Access is permanent if both fields
 * are null.
 */
export interface AccessTerms {
  accessDurationDays: number | null
  rental: Rental | null
}

/** The fields from which a grant's start and expiry are derived. */
export interface GrantTimes extends AccessTerms {
  /** The time of the payment, the end of the access that a renewal continues, or the time that an operator chose. */
  startsAt: Date
  /** For pre-sold access, the entity's release, at which the access starts and from which its length counts. Null for all other grants. */
  releasedAt: Date | null
  /** A fixed expiry. Only complimentary and imported grants have a fixed expiry. */
  expiresAt: Date | null
  firstPlayedAt: Date | null
  /** The expiry that an operator's extension has set, and the time of the extension. */
  extendedUntil: Date | null
  extendedAt: Date | null
}

/** When access starts and expires. A null `expiresAt` means permanent access. The period includes its start and excludes its expiry. */
export interface Period {
  startsAt: Date
  expiresAt: Date | null
}

const addMilliseconds = (date: Date, milliseconds: number): Date => new Date(date.getTime() + milliseconds)

const addDays = (date: Date, days: number): Date => addMilliseconds(date, days * secondsPerDay * 1000)

const latest = (...dates: (Date | null)[]): Date =>
  new Date(Math.max(...dates.flatMap((date) => (date === null ? [] : [date.getTime()]))))

/**
 * Returns a grant's first playback. For a rental, a playback before the start does not count: its event was moved to a later date after the
 * playback, so the rental can be started again. The SQL function `grant_first_played_at` returns the same time.
 */
export const firstPlaybackOf = (
  { firstPlayedAt, rental }: Pick<GrantTimes, 'firstPlayedAt' | 'rental'>,
  startsAt: Date,
): Date | null => (rental !== null && firstPlayedAt !== null && firstPlayedAt < startsAt ? null : firstPlayedAt)

/** Returns when a rental expires: at the deadline for starting it or, after the first playback, when the time to watch it ends. */
const rentalExpiry = (grant: GrantTimes, startsAt: Date, rental: Rental): Date => {
  const { extendedUntil, extendedAt } = grant
  const firstPlayedAt = firstPlaybackOf(grant, startsAt)
  if (firstPlayedAt === null) return latest(addDays(startsAt, rental.startWithinDays), extendedUntil)
  const watchedUntil = addMilliseconds(firstPlayedAt, rental.watchWithinHours * millisecondsPerHour)
  // Extending the deadline for starting a rental does not extend the time to watch it.
  return latest(watchedUntil, extendedAt !== null && extendedAt > firstPlayedAt ? extendedUntil : null)
}

/**
 * Returns the start and expiry of a grant, regardless of a revocation. A rental that has not been played expires at the deadline for
 * starting it. A started rental gets the full time to watch. The SQL functions `grant_starts_at` and `grant_expires_at` compute the same
 * times.
 */
export const grantPeriod = (grant: GrantTimes): Period => {
  const { accessDurationDays: days, rental, expiresAt, extendedUntil } = grant
  const startsAt = latest(grant.startsAt, grant.releasedAt)
  if (rental) return { startsAt, expiresAt: rentalExpiry(grant, startsAt, rental) }
  if (days === null && expiresAt === null) return { startsAt, expiresAt: null }
  return { startsAt, expiresAt: latest(expiresAt, days === null ? null : addDays(startsAt, days), extendedUntil) }
}

/** Whether access that would start at the given time is pre-sold, because the entity's release is later. */
export const isPreSold = (startsAt: Date, availableFrom: Date | null): boolean =>
  availableFrom !== null && availableFrom > startsAt

/**
 * Returns the period of a new payment's grant, before the grant has been played or extended. The period starts at the given time or at the
 * entity's release, whichever is later.
 */
export const soldPeriod = (terms: AccessTerms, startsAt: Date, availableFrom: Date | null): Period =>
  grantPeriod({
    ...{ accessDurationDays: terms.accessDurationDays, rental: terms.rental, startsAt, releasedAt: availableFrom },
    ...{ expiresAt: null, firstPlayedAt: null, extendedUntil: null, extendedAt: null },
  })

/** An unrevoked grant, and the period for which it gives access to an entity. The grant may be for a container of the entity. */
export interface GrantedPeriod extends Period {
  grantId: string
  source: GrantSource
  /** Null if the grant does not come from a purchase. */
  purchaseId: string | null
  /** The number of hours for which a rental can be watched after the first playback; null if the grant is not a rental. */
  watchWithinHours: number | null
  firstPlayedAt: Date | null
}

/** A user's access to an entity at a given time. */
export interface Access extends Period {
  hasAccess: boolean
  /**
   * The active grant that expires last. If no grant is active, the next grant to start or, if several grants start at the same time, the
   * grant that expires last.
   */
  grant: GrantedPeriod
}

const endOf = ({ expiresAt }: Pick<Period, 'expiresAt'>): number => expiresAt?.getTime() ?? Number.POSITIVE_INFINITY

const isActiveAt = (period: Period, at: Date): boolean => period.startsAt <= at && endOf(period) > at.getTime()

/**
 * Returns when uninterrupted access that includes the given time ends. Returns the given time itself if there is no access at that time,
 * and null if access never ends.
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
 * Returns the access at the given time or, if there is none, the access that starts next; null if there is neither. Access is the union of
 * the periods: a period continues another period if it starts no later than the other period ends.
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
 * Whether the user cannot buy the entity, because the user already has access or will have access from a purchase. For a renewal, only
 * current or future permanent access counts. The SQL function `insert_purchase` makes the same decision.
 */
export const isOwned = (periods: readonly GrantedPeriod[], at: Date, isRenewal: boolean): boolean =>
  periods
    .filter((period) => isNonEmpty(period) && endOf(period) > at.getTime())
    .some(({ startsAt, expiresAt, source }) => (isRenewal ? expiresAt === null : startsAt <= at || source === 'purchase'))

/**
 * Returns the grant that a playback uses, or null if there is no access. Grants that are not rentals are preferred. Among several such
 * grants, or among several rentals, the grant that expires first is used. If the playback uses a rental that has not been started, the
 * rental's time to watch starts.
 */
export const grantToPlay = (periods: readonly GrantedPeriod[], at: Date): GrantedPeriod | null => {
  const active = periods.filter((period) => isActiveAt(period, at))
  const unlimited = active.filter(({ watchWithinHours }) => watchWithinHours === null)
  const byExpiry = (unlimited.length > 0 ? unlimited : active).sort((a, b) => endOf(a) - endOf(b))
  return byExpiry[0] ?? null
}

/**
 * Returns the end of the access that a renewal continues: the access at the given time or, if that access ends before the entity's release
 * and there is access at the release, the access at the release. Returns the given time if there is no access, and null if access never
 * ends.
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
 * Returns when a renewal starts: when the access that it continues ends, or at the payment if there is no such access. A renewal also
 * starts at the payment if it gives permanent access or if the continued access has become permanent.
 */
export const renewalStart = (
  others: readonly Period[],
  { at, availableFrom }: { at: Date; availableFrom: Date | null },
  terms: AccessTerms,
): Date => (terms.accessDurationDays === null && terms.rental === null ? at : continuedUntil(others, { at, availableFrom })) ?? at

/**
 * Whether a payment is a duplicate because other purchases give the same access for at least as long. `from` is when the payment's access
 * would start. `until` is when it would expire if the purchase had been paid at its creation, so two purchases of the same length that are
 * paid at the same time cover each other.
 */
export const isCoveredBy = (purchases: readonly Period[], { from, until }: { from: Date; until: Date | null }): boolean => {
  const covered = uninterruptedUntil(purchases, from)
  if (covered === null) return true
  return until !== null && covered > from && covered >= until
}
