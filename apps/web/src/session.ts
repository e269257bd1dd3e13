import { z } from 'zod/mini'

/**
 * Who is signed in. This is the demo's sign-in, over the local issuer: a site puts its own here. All that the rest of the page needs is
 * `user` and `token`.
 */
export interface Session {
  user: string | null
  /** Whether to show the way to the back office; whether it opens is the API's to say. */
  admin: boolean
  signIn(user: string, admin?: boolean): Promise<void>
  signOut(): void
  /** A bearer token that is good for a minute at least, or null when nobody is signed in. */
  token(): Promise<string | null>
  subscribe(listener: () => void): () => void
}

const issued = z.object({ token: z.string(), expiresAt: z.iso.datetime() })
const kept = z.object({ user: z.string(), admin: z.boolean(), token: z.string(), expiresAt: z.iso.datetime() })

const key = 'pay-to-view-session'
const margin = 60_000

const read = (): z.infer<typeof kept> | null => {
  try {
    const parsed = kept.safeParse(JSON.parse(sessionStorage.getItem(key) ?? 'null'))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

export const createSession = (issuer: string | null): Session => {
  let now = read()
  const listeners = new Set<() => void>()
  const set = (next: typeof now): void => {
    now = next
    if (next) sessionStorage.setItem(key, JSON.stringify(next))
    else sessionStorage.removeItem(key)
    for (const listener of listeners) listener()
  }
  const ask = async (user: string, admin = false): Promise<void> => {
    if (issuer === null) throw new Error('This site has no demo sign-in')
    const answer = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user, admin }),
    })
    if (!answer.ok) throw new Error('The sign-in did not work')
    set({ user, admin, ...issued.parse(await answer.json()) })
  }
  return {
    get user() {
      return now?.user ?? null
    },
    get admin() {
      return now?.admin ?? false
    },
    signIn: ask,
    signOut: () => set(null),
    token: async () => {
      if (!now) return null
      if (Date.parse(now.expiresAt) - Date.now() < margin) await ask(now.user, now.admin).catch(() => set(null))
      return now?.token ?? null
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
