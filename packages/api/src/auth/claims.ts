import type { JWTPayload } from 'jose'

/** A claim and the value that it must have or contain. */
export interface ClaimRule {
  /** The claim's exact name, or a path of names joined by dots. */
  claim: string
  value: string
}

/** Parses `claim=value`. The claim ends at the first `=`. Returns null for any other string. */
export const parseClaimRule = (text: string): ClaimRule | null => {
  const [, claim, value] = /^([^=]+)=(.+)$/s.exec(text.trim()) ?? []
  return claim === undefined || value === undefined ? null : { claim: claim.trim(), value: value.trim() }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The positions of the dots in a path, from last to first. */
const dotsFromEnd = (path: string): number[] => [...path.matchAll(/\./g)].map(({ index }) => index).reverse()

/**
 * Reads a claim by its name or path. At every level, a name that contains dots, such as a URL, takes precedence over a path. Only own
 * properties are read, so `constructor` and `__proto__` are ordinary names. Returns undefined if there is no such claim.
 */
export const readClaim = (claims: unknown, path: string): unknown => {
  if (!isRecord(claims)) return undefined
  if (Object.hasOwn(claims, path)) return claims[path]
  const dot = dotsFromEnd(path).find((position) => Object.hasOwn(claims, path.slice(0, position)))
  return dot === undefined ? undefined : readClaim(claims[path.slice(0, dot)], path.slice(dot + 1))
}

/**
 * Whether the claim equals the value, or contains it as an array element or as a word of a string such as `scope`. The value `true` means
 * the boolean: the string "true" does not match.
 */
export const matchesClaim = (payload: JWTPayload, { claim, value }: ClaimRule): boolean => {
  const actual = readClaim(payload, claim)
  if (value === 'true') return actual === true
  if (typeof actual === 'string') return actual === value || actual.split(' ').includes(value)
  return Array.isArray(actual) && actual.includes(value)
}
