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
    const parsed = kept.safeParse(JSON.parse(localStorage.getItem(key) ?? 'null'))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

/** The issuer does not give this user a token any more. */
class Refused extends Error {
  override name = 'Refused'
}

export const createSession = (issuer: string | null): Session => {
  let now = read()
  let renewing: Promise<void> | null = null
  const listeners = new Set<() => void>()
  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  const set = (next: typeof now): void => {
    now = next
    try {
      if (next) localStorage.setItem(key, JSON.stringify(next))
      else localStorage.removeItem(key)
    } catch {
      // The browser keeps nothing for this site: the session lasts as long as the page.
    }
    tell()
  }
  // Who signs in or out in one tab does so in all.
  window.addEventListener('storage', (event) => {
    if (event.key !== key && event.key !== null) return
    now = read()
    tell()
  })
  const ask = async (user: string, admin: boolean): Promise<z.infer<typeof issued>> => {
    if (issuer === null) throw new Refused('This site has no demo sign-in')
    const answer = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user, admin }),
    })
    if (answer.status >= 400 && answer.status < 500) throw new Refused('The issuer gives no token')
    if (!answer.ok) throw new Error(`The issuer answers ${answer.status}`)
    return issued.parse(await answer.json())
  }
  const renew = async ({ user, admin, expiresAt }: z.infer<typeof kept>): Promise<void> => {
    // Somebody may have signed out meanwhile.
    const isSame = () => now?.user === user && now.admin === admin
    try {
      const renewed = await ask(user, admin)
      if (isSame()) set({ user, admin, ...renewed })
    } catch (error) {
      if (error instanceof Refused && isSame()) set(null)
      // Without a network nobody is signed out; and the old token is good to its end.
      else if (Date.parse(expiresAt) <= Date.now()) throw error
    }
  }
  return {
    get user() {
      return now?.user ?? null
    },
    get admin() {
      return now?.admin ?? false
    },
    signIn: async (user, admin = false) => set({ user, admin, ...(await ask(user, admin)) }),
    signOut: () => set(null),
    token: async () => {
      if (now && Date.parse(now.expiresAt) - Date.now() < margin) {
        renewing ??= renew(now).finally(() => {
          renewing = null
        })
        await renewing
      }
      return now?.token ?? null
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
