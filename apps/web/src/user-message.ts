import { problemOf } from '@pay-to-view/client'
import { formatDateTime } from './format.ts'

/** An error as shown to the user. */
export interface UserMessage {
  title: string
  detail: string
  isRetryable: boolean
  needsSignIn: boolean
}

const serverError: UserMessage = {
  title: 'Something went wrong',
  detail: "Try again in a moment. You won't be charged twice.",
  isRetryable: true,
  needsSignIn: false,
}

const unavailableProduct = { title: 'No longer available', detail: 'The options have changed. Please choose again.' }

/** Replacements for API messages that are written for developers. */
const messages: Partial<Record<string, Pick<UserMessage, 'title' | 'detail'>>> = {
  product_not_on_sale: unavailableProduct,
  product_not_offered: unavailableProduct,
  currency_not_offered: { title: 'Not sold in this currency', detail: 'The prices have changed. Please choose again.' },
  checkout_refused: {
    title: "This can't be purchased right now",
    detail: "The problem is on our side, and we've been notified.",
  },
  no_access: { title: "You don't have access", detail: 'See My purchases for details.' },
}

/** Whether only ids failed validation, which means that the URL is wrong. */
const isInvalidId = ({ code, errors }: NonNullable<ReturnType<typeof problemOf>>): boolean =>
  code === 'validation' && errors.length > 0 && errors.every(({ field }) => field === 'id' || field === 'entityId')

/** Whether the user has sent too many promotion codes. */
export const isCodeLimited = (error: unknown): boolean => {
  const problem = problemOf(error)
  return problem?.status === 429 && problem.errors[0]?.field === 'promotionCode'
}

export const userMessageFor = (error: unknown): UserMessage => {
  const problem = problemOf(error)
  if (!problem) {
    return {
      title: "Can't connect",
      detail: 'Check your connection, then try again.',
      isRetryable: true,
      needsSignIn: false,
    }
  }
  if (problem.status === 401) {
    return { title: "You're signed out", detail: 'Sign in again to continue.', isRetryable: false, needsSignIn: true }
  }
  if (problem.code === 'forbidden') {
    return { title: 'Admins only', detail: 'Sign in as an admin to continue.', isRetryable: false, needsSignIn: false }
  }
  if (problem.status === 404 || isInvalidId(problem)) {
    return {
      title: 'Not found',
      detail: 'It may have been removed, or the link may be wrong.',
      isRetryable: false,
      needsSignIn: false,
    }
  }
  if (isCodeLimited(error)) {
    return {
      title: 'Too many codes',
      detail: 'Wait a minute before you try another code, or buy without a code.',
      isRetryable: true,
      needsSignIn: false,
    }
  }
  if (problem.status === 429) {
    return {
      title: 'Too many requests',
      detail: 'Wait a few seconds, then try again.',
      isRetryable: true,
      needsSignIn: false,
    }
  }
  if (problem.status >= 500) return serverError
  if (problem.code === 'not_started' && problem.startsAt) {
    const detail = `It starts on ${formatDateTime(problem.startsAt)}. The page opens automatically.`
    return { title: "It hasn't started yet", detail, isRetryable: true, needsSignIn: false }
  }
  const { title, detail } = messages[problem.code] ?? {
    title: problem.title,
    detail: problem.errors[0]?.message ?? problem.detail,
  }
  return { title, detail, isRetryable: false, needsSignIn: false }
}
