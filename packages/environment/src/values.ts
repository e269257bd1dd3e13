import { z } from 'zod'

/** Comma-separated values. */
export const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
)

export const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue('Expected JSON')
    return z.NEVER
  }
})

/** The error for JSON that is not a JWKS. */
export const expectedJwks = 'Expected a JWKS, { "keys": [ … ] }'

/** Returns the origin as browsers serialize it, without a trailing slash, or null if the string is anything other than an origin. */
export const toOrigin = (text: string): string | null => {
  if (!/^https?:/.test(text) || !URL.canParse(text)) return null
  const { origin, href } = new URL(text)
  return href === `${origin}/` ? origin : null
}

/** A list of origins. An origin that ends in :* matches any port of its host. */
export const originList = (example: string) =>
  list.pipe(
    z.array(
      z.string().transform((text, context) => {
        const [suffix] = /:\*$/.exec(text) ?? ['']
        const origin = toOrigin(text.slice(0, text.length - suffix.length))
        if (origin !== null) return origin + suffix
        context.addIssue(`Expected origins without a path, such as ${example}`)
        return z.NEVER
      }),
    ),
  )
