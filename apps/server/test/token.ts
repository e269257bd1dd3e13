import { z } from 'zod'

/** A token of the stack's issuer. */
export const tokenFrom = async (issuer: string, wanted: { user: string; admin?: boolean; ttl?: string }): Promise<string> => {
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(wanted),
  })
  return z.object({ token: z.string() }).parse(await answer.json()).token
}
