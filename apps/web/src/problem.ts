import { problemOf } from '@pay-to-view/client'

/** What a viewer is told of an error, and whether trying again may help. */
export interface Told {
  title: string
  detail: string
  retry: boolean
  signIn: boolean
}

export const tell = (error: unknown): Told => {
  const problem = problemOf(error)
  if (!problem) {
    return { title: 'We cannot be reached', detail: 'Look at your connection, then try again.', retry: true, signIn: false }
  }
  if (problem.status === 401) {
    return { title: 'You are signed out', detail: 'Sign in again to go on.', retry: false, signIn: true }
  }
  if (problem.status === 404) {
    return {
      title: 'This is not here',
      detail: 'It may have been withdrawn, or the address has a slip.',
      retry: false,
      signIn: false,
    }
  }
  if (problem.status === 429) {
    return { title: 'That was too fast', detail: 'Wait a few seconds, then try again.', retry: true, signIn: false }
  }
  if (problem.status >= 500) {
    return { title: 'That did not work', detail: 'Try again in a moment: nothing is done twice.', retry: true, signIn: false }
  }
  return { title: problem.title, detail: problem.errors[0]?.message ?? problem.detail, retry: false, signIn: false }
}
