import type { z } from 'zod'
import { invalidParam, type StripeError } from './errors.ts'
import type { Fail } from './params.ts'

type Issue = z.core.$ZodIssue

/** The one place that says zod's issues in Stripe's words. */
export const toStripeError = (error: z.ZodError, input: unknown): StripeError => {
  const [issue] = error.issues
  return issue ? fromIssue(innermost(issue), input) : invalidParam('Invalid request')
}

/** Of a union's alternatives, the one that understood the value best: it found more to say than that the type is wrong. */
const innermost = (issue: Issue): Issue => {
  if (issue.code !== 'invalid_union') return issue
  const all = issue.errors.flat().map((inner) => innermost({ ...inner, path: [...issue.path, ...inner.path] }))
  return all.find(({ code }) => code !== 'invalid_type') ?? all.at(-1) ?? issue
}

const fromIssue = (issue: Issue, input: unknown): StripeError => {
  const param = bracketed(issue.path)
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.map((key) => bracketed([...issue.path, key]))
    const message = `Received unknown parameter${names.length > 1 ? 's' : ''}: ${names.join(', ')}`
    return invalidParam(message, { code: 'parameter_unknown', param: names[0] ?? param })
  }
  if (valueAt(input, issue.path) === undefined)
    return invalidParam(`Missing required param: ${param}.`, { code: 'parameter_missing', param })
  if (issue.code === 'custom' && isFail(issue.params?.fail)) {
    const { message, code } = issue.params.fail
    return invalidParam(typeof message === 'string' ? message : message(param), { ...(code && { code }), param })
  }
  if (issue.code === 'invalid_value')
    return invalidParam(`Invalid ${param}: must be ${choice(issue.values.map(String))}`, { param })
  if (issue.code === 'invalid_type') {
    const kind = ['object', 'record'].includes(issue.expected) ? 'object' : issue.expected
    return invalidParam(`Invalid ${kind}`, { param })
  }
  return invalidParam(issue.message, { param })
}

const choice = (words: string[]): string =>
  words.length < 2 ? String(words[0]) : `one of ${words.slice(0, -1).join(', ')}${words.length > 2 ? ',' : ''} or ${words.at(-1)}`

const bracketed = (path: PropertyKey[]): string => path.map((part, i) => (i === 0 ? String(part) : `[${String(part)}]`)).join('')

const valueAt = (input: unknown, path: PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined), input)

const isFail = (value: unknown): value is Fail => typeof value === 'object' && value !== null && 'message' in value
