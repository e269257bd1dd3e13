import { problemOf } from '@pay-to-view/client'

/** What a viewer is told of an error, and whether trying again may help. */
export interface Told {
  title: string
  detail: string
  retry: boolean
  signIn: boolean
}

/** An answer came from where the films are, and it was no film. */
export class NoFilm extends Error {
  override name = 'NoFilm'
}

const troubled: Told = {
  title: 'That did not work',
  detail: 'Try again in a moment: nothing is done twice.',
  retry: true,
  signIn: false,
}

const notSold = { title: 'This is not sold any more', detail: 'Look at the prices again: they have changed.' }

/** What is here in other words than the API's, which are for developers. */
const words: Partial<Record<string, Pick<Told, 'title' | 'detail'>>> = {
  product_not_on_sale: notSold,
  product_not_offered: notSold,
  checkout_refused: { title: 'This cannot be bought now', detail: 'It is our mistake, and we have been told of it.' },
  no_access: { title: 'There is no access to this now', detail: 'My purchases says what became of it.' },
}

/** An address with a slip: what it names cannot be there. */
const isOfAddress = ({ code, errors }: NonNullable<ReturnType<typeof problemOf>>): boolean =>
  code === 'validation' && errors.length > 0 && errors.every(({ field }) => field === 'id' || field === 'entityId')

export const tell = (error: unknown): Told => {
  const problem = problemOf(error)
  if (!problem) {
    if (error instanceof NoFilm) return troubled
    return { title: 'We cannot be reached', detail: 'Look at your connection, then try again.', retry: true, signIn: false }
  }
  if (problem.status === 401) {
    return { title: 'You are signed out', detail: 'Sign in again to go on.', retry: false, signIn: true }
  }
  if (problem.code === 'forbidden') {
    return { title: 'This is for operators', detail: 'Sign in as one to go on.', retry: false, signIn: false }
  }
  if (problem.status === 404 || isOfAddress(problem)) {
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
  if (problem.status >= 500) return troubled
  const { title, detail } = words[problem.code] ?? { title: problem.title, detail: problem.errors[0]?.message ?? problem.detail }
  return { title, detail, retry: false, signIn: false }
}
