import { expectedJwks, json, list, toOrigin } from '@pay-to-view/environment'
import { z } from 'zod'
import type { AuthOptions } from './authenticator.ts'
import { parseClaimRule } from './claims.ts'
import { type Preset, presetNames, presets } from './presets.ts'
import { isPublicKeyText } from './shared-secret.ts'
import { publicKeyAlgorithms } from './verify-token.ts'

const jwks = json.pipe(
  z.object(
    {
      keys: z
        .array(
          z.looseObject({ kty: z.enum(['EC', 'RSA', 'OKP'], 'Expected a public key with kty EC, RSA or OKP') }),
          expectedJwks,
        )
        .min(1, 'Expected at least one key'),
    },
    expectedJwks,
  ),
)

/** Normalizes web origins to the form that browsers send. Client ids and origins of browser extensions are kept as written. */
const authorizedParty = z.string().transform((text, context) => {
  const party = /^https?:/.test(text) ? toOrigin(text) : text
  if (party !== null) return party
  context.addIssue('Expected origins without a path, such as https://www.example.com, or client ids')
  return z.NEVER
})

/** Claims that users of Supabase, Auth0 and Clerk can edit themselves, anywhere in a path or URL. */
const editableClaim = /(user|unsafe)_?metadata/i
const isNotEditable = (claim: string): boolean => !editableClaim.test(claim)
const editableError = 'Expected a claim that users cannot edit themselves; they can edit user_metadata and unsafe_metadata'

/** The name or path of a claim. */
const claimName = z.string().trim().refine(isNotEditable, editableError)

const adminRule = z
  .string()
  .transform((text, context) => {
    const rule = parseClaimRule(text)
    // The value `false` is rejected, because `admin=false` would give admin rights to users whose token denies them.
    if (rule && rule.value !== 'false') return rule
    context.addIssue('Expected claim=value, such as app_metadata.role=admin')
    return z.NEVER
  })
  .refine(({ claim }) => isNotEditable(claim), editableError)

const sharedSecret = z
  .string()
  .trim()
  .refine((text) => !isPublicKeyText(text), 'Expected the shared secret itself, not a public key, a JWKS or a URL')
  .refine((text) => Buffer.byteLength(text) >= 32, 'Expected at least 32 characters')

/** Options for the identity provider's tokens. */
export const authEnvironment = {
  AUTH_PRESET: z
    .enum(presetNames, `Expected one of ${presetNames.join(', ')}`)
    .optional()
    .describe(`Identity provider whose defaults apply: ${presetNames.join(', ')} (docs/auth.md)`),
  AUTH_ISSUER: z.string().min(1).describe("The tokens' iss claim"),
  AUTH_AUDIENCE: list
    .pipe(z.array(z.string()).min(1, 'Expected at least one'))
    .optional()
    .describe(
      "The tokens' aud claim; comma-separated if several values are accepted; required unless the preset has a default or AUTH_AUTHORIZED_PARTIES is set",
    ),
  AUTH_AUTHORIZED_PARTIES: list
    .pipe(z.array(authorizedParty).min(1, 'Expected at least one'))
    .optional()
    .describe(
      "Accepted azp claims, comma-separated: your pages' origins (Clerk; default: WEB_ORIGINS, unless AUTH_AUDIENCE is set) or client ids; required if AUTH_AUDIENCE is not set and neither variable has a default",
    ),
  AUTH_JWKS_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("URL of the issuer's JWKS; required unless AUTH_PRESET derives it from AUTH_ISSUER"),
  AUTH_JWKS: jwks.optional().describe("The issuer's JWKS as JSON, instead of its URL"),
  AUTH_SECRET: sharedSecret
    .optional()
    .describe('Secret that the issuer signs tokens with (HS256), instead of a JWKS; at least 32 characters'),
  AUTH_ALGORITHMS: list
    .pipe(
      z.array(z.enum(publicKeyAlgorithms, `Expected some of ${publicKeyAlgorithms.join(', ')}`)).min(1, 'Expected at least one'),
    )
    .optional()
    .describe(`Accepted signature algorithms, comma-separated; default: as in the preset, or ${publicKeyAlgorithms.join(', ')}`),
  AUTH_USER_CLAIM: claimName
    .default('sub')
    .describe("Claim with the user's id: its exact name, or a path such as app_metadata.user_id"),
  AUTH_EMAIL_CLAIM: claimName
    .default('email')
    .describe("Claim with the user's e-mail address, to which Stripe sends receipts: its exact name, or a path"),
  AUTH_ADMIN: adminRule
    .optional()
    .describe(
      'Claim that makes a user an admin, as claim=value: app_metadata.role=admin, permissions=pay-to-view:admin; default: as in the preset, or admin=true',
    ),
}

type AuthEnvironment = z.infer<z.ZodObject<typeof authEnvironment>> & {
  /** The origins of the site's pages. */
  WEB_ORIGINS?: readonly string[] | undefined
}

const presetOf = ({ AUTH_PRESET }: AuthEnvironment): Preset | undefined => AUTH_PRESET && presets[AUTH_PRESET]

/** The keys for verifying tokens; undefined if neither a variable nor the preset specifies them. */
const keysOf = (env: AuthEnvironment): AuthOptions['keys'] | undefined => {
  if (env.AUTH_SECRET !== undefined) return { secret: env.AUTH_SECRET }
  const url = env.AUTH_JWKS_URL ?? presetOf(env)?.fromIssuer(env.AUTH_ISSUER)?.jwksUrl
  return env.AUTH_JWKS ?? (url === undefined ? undefined : new URL(url))
}

const audienceOf = (env: AuthEnvironment): readonly string[] | undefined => {
  const audience = presetOf(env)?.fromIssuer(env.AUTH_ISSUER)?.audience
  return env.AUTH_AUDIENCE ?? (audience === undefined ? undefined : [audience])
}

/** Accepts the site's own pages if neither an audience nor parties are set. An origin with any port is not a party: `azp` is compared exactly. */
const partiesOf = (env: AuthEnvironment): readonly string[] | undefined => {
  const { AUTH_AUTHORIZED_PARTIES: parties, WEB_ORIGINS: origins = [] } = env
  const isDefault = parties === undefined && presetOf(env)?.partiesAreOrigins === true && audienceOf(env) === undefined
  return isDefault && origins.length > 0 && !origins.some((origin) => origin.endsWith(':*')) ? origins : parties
}

interface Problem {
  variable: keyof typeof authEnvironment
  message: string
}

const keyProblem = (env: AuthEnvironment): Problem | null => {
  const [first, second] = (['AUTH_SECRET', 'AUTH_JWKS', 'AUTH_JWKS_URL'] as const).filter((name) => env[name] !== undefined)
  if (first && second) return { variable: second, message: `Expected either ${second} or ${first}` }
  if (env.AUTH_SECRET !== undefined && env.AUTH_ALGORITHMS) {
    return { variable: 'AUTH_ALGORITHMS', message: 'Expected no algorithms with AUTH_SECRET, which is for HS256 only' }
  }
  if (keysOf(env)) return null
  const preset = presetOf(env)
  return preset
    ? { variable: 'AUTH_ISSUER', message: `Expected a URL such as ${preset.issuerExample}` }
    : { variable: 'AUTH_JWKS_URL', message: 'Expected AUTH_JWKS_URL, AUTH_JWKS or AUTH_SECRET' }
}

/** Without an audience or an authorized party, tokens for any other application of the issuer would be accepted. */
const recipientProblem = (env: AuthEnvironment): Problem | null => {
  const preset = presetOf(env)
  const parties = partiesOf(env)
  if (parties) {
    const party = preset?.partiesAreOrigins ? parties.find((text) => !text.includes('://')) : undefined
    if (party === undefined) return null
    return { variable: 'AUTH_AUTHORIZED_PARTIES', message: 'Expected origins such as https://www.example.com' }
  }
  if (audienceOf(env)) return null
  return preset?.expectedParties
    ? { variable: 'AUTH_AUTHORIZED_PARTIES', message: preset.expectedParties }
    : { variable: 'AUTH_AUDIENCE', message: "Expected the tokens' aud claim" }
}

/** Adds a validation issue if the variables contradict each other or are incomplete. */
export const checkAuth = (env: AuthEnvironment, context: z.RefinementCtx): void => {
  const problem = keyProblem(env) ?? recipientProblem(env)
  if (problem) context.addIssue({ code: 'custom', path: [problem.variable], message: problem.message })
}

/** The options from a valid environment, completed with the preset's defaults. Throws for an environment that `checkAuth` rejects. */
export const authOptions = (env: AuthEnvironment): AuthOptions => {
  const preset = presetOf(env)
  const keys = keysOf(env)
  if (!keys) throw new Error('Expected an environment that checkAuth accepts')
  return {
    issuer: preset?.fromIssuer(env.AUTH_ISSUER)?.issuer ?? env.AUTH_ISSUER,
    audience: audienceOf(env),
    authorizedParties: partiesOf(env),
    keys,
    algorithms: env.AUTH_ALGORITHMS ?? preset?.algorithms,
    userClaim: env.AUTH_USER_CLAIM,
    emailClaim: env.AUTH_EMAIL_CLAIM,
    admin: env.AUTH_ADMIN ?? preset?.admin,
    rejected: preset?.rejected,
  }
}
