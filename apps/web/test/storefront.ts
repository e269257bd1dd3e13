import { type Device, signIn, useBrowser } from '@pay-to-view/testing/browser'
import { type TestStack, useSharedStack } from '@pay-to-view/testing/stack'

/** The devices used by the layout tests. */
export const devices = ['desktop-light', 'phone-dark'] as const satisfies Device[]

/** The "Buy" button of the seeded 30-day product. */
export const buyButton = { name: 'Buy Film, 30 days' } as const

/**
 * Opens a browser for the tests in a file. A file passes its own stack if it needs special options or would interfere with other
 * files.
 */
export const useStorefront = (stack: () => TestStack = useSharedStack({ web: true })) => {
  const open = useBrowser(stack)

  /** Buys the seeded film through the API. With a `card`, it waits only for the payment, because the purchase may end in any status. */
  const buyFilm = async ({ user = stack().newUser(), card }: { user?: string; card?: string } = {}) => {
    const { client, create, pay, waitForStatus } = stack()
    const userClient = await client(user)
    const { purchaseId, sessionId } = await create(userClient)
    await pay(sessionId, card === undefined ? undefined : { card })
    if (card === undefined) await waitForStatus(userClient, purchaseId, 'Completed')
    return { user, client: userClient, purchaseId, sessionId }
  }

  /** Opens a path as a signed-in user. */
  const openAs = async (user: string, path: string, device?: Device) => {
    const { page, errors } = await open(`/sign-in?next=${encodeURIComponent(path)}`, device)
    await signIn(page, user)
    return { page, errors }
  }

  const openAsAdmin = async (path: string, device?: Device) => {
    const { page, errors } = await open(`/sign-in?next=${encodeURIComponent(path)}`, device)
    await signIn(page, 'root', { admin: true })
    return { page, errors }
  }

  return { stack, open, buyFilm, openAs, openAsAdmin }
}
