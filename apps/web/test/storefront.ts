import { type Device, signIn, useBrowser } from '@pay-to-view/testing/browser'
import { type TestStack, useSharedStack } from '@pay-to-view/testing/stack'

/** The devices on which the layout tests run. */
export const devices = ['desktop-light', 'phone-dark'] as const satisfies Device[]

/** The button of the seeded 30-day product. */
export const buyButton = { name: 'Buy Film, 30 days' } as const

/** A browser for the tests of a file. A file that needs options, or that would disturb other files, passes its own stack. */
export const useStorefront = (stack: () => TestStack = useSharedStack({ web: true })) => {
  const open = useBrowser(stack)

  /** Buys the seeded film through the API. With a `card`, the purchase may end in any status, so only the payment is awaited. */
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
