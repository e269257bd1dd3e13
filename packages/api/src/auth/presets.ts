import type { ClaimRule } from './claims.ts'
import type { PublicKeyAlgorithm } from './verify-token.ts'

interface IssuerDefaults {
  /** The issuer as the provider writes it in `iss`. */
  issuer: string
  jwksUrl: string
  /** Undefined if the provider sends no audience, or a different audience for each site. */
  audience?: string
}

/** Defaults for an identity provider's tokens. */
export interface Preset {
  /** An example of an issuer, for error messages. */
  issuerExample: string
  /** Returns null if the issuer does not have the provider's form. */
  fromIssuer: (issuer: string) => IssuerDefaults | null
  /**
   * The expected value of AUTH_AUTHORIZED_PARTIES, for error messages. Set for providers whose tokens name the application in `azp` instead
   * of the audience. Undefined for providers whose audience is checked.
   */
  expectedParties?: string
  /** Whether `azp` is the origin of the page, so that the parties default to the site's origins. */
  partiesAreOrigins?: boolean
  algorithms: readonly PublicKeyAlgorithm[]
  admin: ClaimRule
  rejected?: ClaimRule
}

const withoutTrailingSlash = (url: string): string => url.replace(/\/+$/, '')
const isUrl = (text: string): boolean => /^https?:\/\//.test(text) && URL.canParse(text)

const clerk: Preset = {
  issuerExample: 'https://clerk.example.com, the Frontend API URL',
  fromIssuer: (text) => {
    const issuer = withoutTrailingSlash(text)
    return isUrl(issuer) ? { issuer, jwksUrl: `${issuer}/.well-known/jwks.json` } : null
  },
  expectedParties:
    "Expected your pages' origins, such as https://www.example.com; the default is WEB_ORIGINS if every origin has a fixed port",
  partiesAreOrigins: true,
  algorithms: ['RS256'],
  admin: { claim: 'metadata.role', value: 'admin' },
  // The user has signed in, but still has to complete a step that the site requires, such as choosing an organization.
  rejected: { claim: 'sts', value: 'pending' },
}

const auth0: Preset = {
  issuerExample: 'https://example.eu.auth0.com/',
  fromIssuer: (text) => {
    // Auth0's iss ends with a slash.
    const issuer = `${withoutTrailingSlash(text)}/`
    return isUrl(issuer) ? { issuer, jwksUrl: `${issuer}.well-known/jwks.json` } : null
  },
  algorithms: ['RS256'],
  admin: { claim: 'permissions', value: 'pay-to-view:admin' },
}

const supabase: Preset = {
  issuerExample: 'https://PROJECT.supabase.co/auth/v1',
  fromIssuer: (text) => {
    const issuer = withoutTrailingSlash(text)
    if (!isUrl(issuer) || !issuer.endsWith('/auth/v1')) return null
    return { issuer, jwksUrl: `${issuer}/.well-known/jwks.json`, audience: 'authenticated' }
  },
  algorithms: ['ES256', 'RS256'],
  admin: { claim: 'app_metadata.role', value: 'admin' },
}

/** Google signs the tokens of all Firebase projects with the same keys, so only the issuer and the audience distinguish the projects. */
const firebase: Preset = {
  issuerExample: 'https://securetoken.google.com/PROJECT',
  fromIssuer: (text) => {
    const issuer = withoutTrailingSlash(text)
    const project = /^https:\/\/securetoken\.google\.com\/([^/?#]+)$/.exec(issuer)?.[1]
    if (project === undefined) return null
    const jwksUrl = 'https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com'
    return { issuer, jwksUrl, audience: project }
  },
  algorithms: ['RS256'],
  admin: { claim: 'admin', value: 'true' },
}

const betterAuth: Preset = {
  issuerExample: 'https://www.example.com, the baseURL of Better Auth',
  fromIssuer: (issuer) => {
    if (!isUrl(issuer)) return null
    // Better Auth's API is at the path of its baseURL, or at /api/auth if the baseURL has no path.
    const api = new URL(issuer).pathname === '/' ? new URL('/api/auth', issuer).href : withoutTrailingSlash(issuer)
    return { issuer, jwksUrl: `${api}/jwks`, audience: issuer }
  },
  algorithms: ['EdDSA', 'ES256', 'ES512', 'RS256', 'PS256'],
  admin: { claim: 'role', value: 'admin' },
}

const keycloak: Preset = {
  issuerExample: 'https://id.example.com/realms/REALM',
  fromIssuer: (text) => {
    const issuer = withoutTrailingSlash(text)
    if (!isUrl(issuer) || !/\/realms\/[^/]+$/.test(issuer)) return null
    return { issuer, jwksUrl: `${issuer}/protocol/openid-connect/certs` }
  },
  // The audience cannot identify the site: every client's tokens have the audience `account`, or no audience if the user has no client role.
  expectedParties: 'Expected the ids of your clients in Keycloak (azp), such as shop-web; or set AUTH_AUDIENCE',
  algorithms: ['RS256'],
  admin: { claim: 'realm_access.roles', value: 'pay-to-view-admin' },
}

export const presetNames = ['clerk', 'auth0', 'supabase', 'firebase', 'better-auth', 'keycloak'] as const

export const presets: Readonly<Record<(typeof presetNames)[number], Preset>> = {
  clerk,
  auth0,
  supabase,
  firebase,
  'better-auth': betterAuth,
  keycloak,
}
