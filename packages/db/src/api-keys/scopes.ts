/** The scopes of an API key: what it may do. Each path of the admin API names the scope that it needs. */
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
