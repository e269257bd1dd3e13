import { z } from 'zod/mini'

/**
 * The demo's sign-in, which gets tokens from the local issuer. Replace it with your site's sign-in; the rest of the app needs
 * only `user` and `token`.
 */
export interface Session {
  user: string | null
  /** Whether to show the link to the back office. The API checks every admin call. */
  isAdmin: boolean
  signIn(user: string, admin?: boolean): Promise<void>
  signOut(): void
  /** Returns a bearer token, renewed if it expires within a minute. Returns null when signed out. */
  token(): Promise<string | null>
  subscribe(listener: () => void): () => void
}

const tokenResponse = z.object({ token: z.string(), expiresAt: z.iso.datetime() })
const storedSession = z.object({ user: z.string(), admin: z.boolean(), token: z.string(), expiresAt: z.iso.datetime() })

const storageKey = 'pay-to-view-session'
const renewBeforeExpiryMs = 60_000

const readStoredSession = (): z.infer<typeof storedSession> | null => {
  try {
    const parsed = storedSession.safeParse(JSON.parse(localStorage.getItem(storageKey) ?? 'null'))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

/** The issuer rejected the token request. */
class TokenRejectedError extends Error {
  override name = 'TokenRejectedError'
}

export const createSession = (issuerUrl: string | null): Session => {
  let current = readStoredSession()
  let renewal: Promise<void> | null = null
  const listeners = new Set<() => void>()
  const notify = (): void => {
    for (const listener of listeners) listener()
  }
  const set = (next: typeof current): void => {
    current = next
    try {
      if (next) localStorage.setItem(storageKey, JSON.stringify(next))
      else localStorage.removeItem(storageKey)
    } catch {
      // Storage is blocked, so the session lasts only until the page closes.
    }
    notify()
  }
  // Applies a sign-in or sign-out in another tab to this tab.
  window.addEventListener('storage', (event) => {
    if (event.key !== storageKey && event.key !== null) return
    current = readStoredSession()
    notify()
  })
  const requestToken = async (user: string, admin: boolean): Promise<z.infer<typeof tokenResponse>> => {
    if (issuerUrl === null) throw new TokenRejectedError('This site has no demo sign-in')
    const response = await fetch(`${issuerUrl}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user, admin }),
    })
    if (response.status >= 400 && response.status < 500) throw new TokenRejectedError('The issuer rejected the request')
    if (!response.ok) throw new Error(`The issuer responded with ${response.status}`)
    return tokenResponse.parse(await response.json())
  }
  const renew = async ({ user, admin, expiresAt }: z.infer<typeof storedSession>): Promise<void> => {
    // The user may have signed out during the request.
    const isSameUser = () => current?.user === user && current.admin === admin
    try {
      const renewed = await requestToken(user, admin)
      if (isSameUser()) set({ user, admin, ...renewed })
    } catch (error) {
      if (error instanceof TokenRejectedError && isSameUser()) set(null)
      // A network error does not sign the user out; the old token works until it expires.
      else if (Date.parse(expiresAt) <= Date.now()) throw error
    }
  }
  return {
    get user() {
      return current?.user ?? null
    },
    get isAdmin() {
      return current?.admin ?? false
    },
    signIn: async (user, admin = false) => set({ user, admin, ...(await requestToken(user, admin)) }),
    signOut: () => set(null),
    token: async () => {
      if (current && Date.parse(current.expiresAt) - Date.now() < renewBeforeExpiryMs) {
        renewal ??= renew(current).finally(() => {
          renewal = null
        })
        await renewal
      }
      return current?.token ?? null
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
