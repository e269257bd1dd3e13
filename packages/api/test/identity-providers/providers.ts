import type { presetNames } from '../../src/auth/presets.ts'
import { type Algorithm, lifetime } from './tokens.ts'

export interface Provider {
  preset: (typeof presetNames)[number]
  /** The variables that a site sets, without the keys. */
  variables: Record<string, string>
  jwksUrl: string
  algorithm: Algorithm
  userId: string
  /** A token's claims, as the provider documents them. */
  claims: () => Record<string, unknown>
  /** Additional claims that make the user an admin. */
  adminClaims: Record<string, unknown>
  /** Claims that look like an admin's but are not. */
  otherRoles: Record<string, unknown>[]
}

const clerk: Provider = {
  preset: 'clerk',
  variables: { AUTH_ISSUER: 'https://clerk.shop.example', AUTH_AUTHORIZED_PARTIES: 'https://www.shop.example' },
  jwksUrl: 'https://clerk.shop.example/.well-known/jwks.json',
  algorithm: 'RS256',
  userId: 'user_2b6LxNFHDJHKkYDMAAz9WL8TsRF',
  claims: () => ({
    ...lifetime(),
    azp: 'https://www.shop.example',
    fva: [7, -1],
    iss: 'https://clerk.shop.example',
    jti: 'f1a0c9d4a1b2c3d4e5f6',
    sid: 'sess_2b6LxSTtRGcVDHy3QJYHmSWBvoB',
    sts: 'active',
    sub: clerk.userId,
    v: 2,
  }),
  adminClaims: { metadata: { role: 'admin' } },
  otherRoles: [{ metadata: { role: 'member' } }, { role: 'admin' }, { metadata: ['role', 'admin'] }, { o: { rol: 'admin' } }],
}

const auth0: Provider = {
  preset: 'auth0',
  variables: { AUTH_ISSUER: 'https://shop.eu.auth0.com', AUTH_AUDIENCE: 'https://api.shop.example' },
  jwksUrl: 'https://shop.eu.auth0.com/.well-known/jwks.json',
  algorithm: 'RS256',
  userId: 'auth0|5f7c8ec7c33c6c004bbafe82',
  claims: () => ({
    ...lifetime(),
    iss: 'https://shop.eu.auth0.com/',
    sub: auth0.userId,
    aud: ['https://api.shop.example', 'https://shop.eu.auth0.com/userinfo'],
    azp: 'my_client_id',
    scope: 'openid profile email',
    permissions: ['read:films'],
  }),
  adminClaims: { permissions: ['read:films', 'pay-to-view:admin'] },
  otherRoles: [{ permissions: [] }, { permissions: [['pay-to-view:admin']] }, { scope: 'openid pay-to-view:admin' }],
}

const supabase: Provider = {
  preset: 'supabase',
  variables: { AUTH_ISSUER: 'https://abcdefghijklmnop.supabase.co/auth/v1' },
  jwksUrl: 'https://abcdefghijklmnop.supabase.co/auth/v1/.well-known/jwks.json',
  algorithm: 'ES256',
  userId: '3f0c1e52-7a53-4f9b-9d33-0a4c86ab8e11',
  claims: () => ({
    ...lifetime(),
    iss: 'https://abcdefghijklmnop.supabase.co/auth/v1',
    sub: supabase.userId,
    aud: 'authenticated',
    role: 'authenticated',
    aal: 'aal1',
    session_id: 'd1f0c7f2-6c7c-4a3b-8f0e-2f8a5a1f6c55',
    email: 'alice@shop.example',
    phone: '',
    app_metadata: { provider: 'email', providers: ['email'] },
    user_metadata: { role: 'admin' },
    is_anonymous: false,
  }),
  adminClaims: { app_metadata: { provider: 'email', providers: ['email'], role: 'admin' } },
  otherRoles: [{ role: 'admin' }, { app_metadata: { roles: ['admin'] } }, { app_metadata: { role: { name: 'admin' } } }],
}

const firebase: Provider = {
  preset: 'firebase',
  variables: { AUTH_ISSUER: 'https://securetoken.google.com/shop-12345' },
  jwksUrl: 'https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com',
  algorithm: 'RS256',
  userId: 'kWQ1sWq0pGcXr7sVJ6pGm2hYb9A3',
  claims: () => ({
    ...lifetime(),
    iss: 'https://securetoken.google.com/shop-12345',
    aud: 'shop-12345',
    auth_time: lifetime().iat,
    user_id: firebase.userId,
    sub: firebase.userId,
    email: 'alice@shop.example',
    email_verified: true,
    firebase: { identities: { email: ['alice@shop.example'] }, sign_in_provider: 'password' },
  }),
  adminClaims: { admin: true },
  otherRoles: [{ admin: 'true' }, { admin: 'false' }, { admin: 1 }, { admin: [true] }, { firebase: { admin: true } }],
}

const betterAuth: Provider = {
  preset: 'better-auth',
  variables: { AUTH_ISSUER: 'https://www.shop.example' },
  jwksUrl: 'https://www.shop.example/api/auth/jwks',
  algorithm: 'EdDSA',
  userId: 'zGvGs5S4jNxIkVQCyHqKGzCMmdZ4EtlH',
  claims: () => ({
    ...lifetime(),
    name: 'Alice',
    email: 'alice@shop.example',
    emailVerified: true,
    image: null,
    id: betterAuth.userId,
    role: 'user',
    sub: betterAuth.userId,
    iss: 'https://www.shop.example',
    aud: 'https://www.shop.example',
  }),
  adminClaims: { role: 'admin' },
  otherRoles: [{ role: 'administrator' }, { role: null }, { name: 'admin' }],
}

const keycloak: Provider = {
  preset: 'keycloak',
  variables: { AUTH_ISSUER: 'https://id.shop.example/realms/shop/', AUTH_AUTHORIZED_PARTIES: 'shop-web' },
  jwksUrl: 'https://id.shop.example/realms/shop/protocol/openid-connect/certs',
  algorithm: 'RS256',
  userId: 'a1e0b1b4-4ed4-4ea5-ba6f-7f2a61fc7b1e',
  claims: () => ({
    ...lifetime(),
    jti: 'onrtac:5b0c2d1e-9f83-4f0a-8f3f-2a3a4b5c6d7e',
    iss: 'https://id.shop.example/realms/shop',
    aud: ['films', 'account'],
    sub: keycloak.userId,
    typ: 'Bearer',
    azp: 'shop-web',
    sid: 'e5f3a1c2-5d55-4c4f-9b7a-0d9f5c7c3a11',
    'allowed-origins': ['https://www.shop.example'],
    realm_access: { roles: ['default-roles-shop', 'offline_access'] },
    resource_access: { account: { roles: ['manage-account'] } },
    scope: 'openid email profile',
    preferred_username: 'alice',
  }),
  adminClaims: { realm_access: { roles: ['default-roles-shop', 'pay-to-view-admin'] } },
  otherRoles: [
    { realm_access: { roles: [['pay-to-view-admin']] } },
    { realm_access: ['pay-to-view-admin'] },
    { resource_access: { account: { roles: ['pay-to-view-admin'] } } },
    { preferred_username: 'pay-to-view-admin' },
  ],
}

export const providers: Provider[] = [clerk, auth0, supabase, firebase, betterAuth, keycloak]

export const providerOf = (preset: Provider['preset']): Provider => {
  const provider = providers.find((candidate) => candidate.preset === preset)
  if (!provider) throw new Error(`No provider ${preset}`)
  return provider
}
