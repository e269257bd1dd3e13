/** The scopes that an API key can have. Each path of the admin API requires one scope. */
export const apiKeyScopes = [
  'catalog:read',
  'catalog:write',
  'access:read',
  'grants:write',
  'purchases:read',
  'refunds:write',
  'webhooks:write',
  'reports:read',
] as const

export type ApiKeyScope = (typeof apiKeyScopes)[number]
