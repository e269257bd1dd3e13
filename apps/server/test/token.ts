import { z } from 'zod'

/** Fetches a token from the issuer of the test stack. */
export const fetchToken = async (issuer: string, claims: { user: string; admin?: boolean; ttl?: string }): Promise<string> => {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(claims),
  })
  return z.object({ token: z.string() }).parse(await response.json()).token
}
