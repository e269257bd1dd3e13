import type { z } from 'zod'
import { invalidParam, notSupported, type StripeError } from './errors.ts'
import type { ParamError } from './params.ts'
import { isStripeParameter, type ParameterTree } from './stripe-api.ts'

type Issue = z.core.$ZodIssue

/**
 * Translates zod's issues into Stripe's errors. `accepted` contains the parameters that Stripe accepts, because the error must
 * not call a parameter unknown if Stripe accepts it and the emulator does not support it.
 */
export const toStripeError = (error: z.ZodError, input: unknown, accepted: ParameterTree = {}): StripeError => {
  const [issue] = error.issues
  return issue ? fromIssue(innermost(issue), input, accepted) : invalidParam('Invalid request')
}

/** Returns the issue that best explains why no alternative of a union matched. An issue other than a wrong type is preferred. */
const innermost = (issue: Issue): Issue => {
  if (issue.code !== 'invalid_union') return issue
  const all = issue.errors.flat().map((inner) => innermost({ ...inner, path: [...issue.path, ...inner.path] }))
  return all.find(({ code }) => code !== 'invalid_type') ?? all.at(-1) ?? issue
}

const fromIssue = (issue: Issue, input: unknown, accepted: ParameterTree): StripeError => {
  const param = bracketPath(issue.path)
  if (issue.code === 'unrecognized_keys') {
    const unknown = issue.keys.filter((key) => !isStripeParameter(accepted, [...issue.path, key]))
    const names = (unknown.length > 0 ? unknown : issue.keys).map((key) => bracketPath([...issue.path, key]))
    if (unknown.length === 0) return notSupported(`Stripe's parameter ${names[0]}`, names[0])
    const message = `Received unknown parameter${names.length > 1 ? 's' : ''}: ${names.join(', ')}`
    return invalidParam(message, { code: 'parameter_unknown', param: names[0] ?? param })
  }
  if (valueAt(input, issue.path) === undefined)
    return invalidParam(`Missing required param: ${param}.`, { code: 'parameter_missing', param })
  if (issue.code === 'custom' && isParamError(issue.params?.error)) {
    const { message, code } = issue.params.error
    return invalidParam(typeof message === 'string' ? message : message(param), { ...(code && { code }), param })
  }
  if (issue.code === 'invalid_value')
    return invalidParam(`Invalid ${param}: must be ${alternatives(issue.values.map(String))}`, { param })
  if (issue.code === 'invalid_type') {
    const type = ['object', 'record'].includes(issue.expected) ? 'object' : issue.expected
    return invalidParam(`Invalid ${type}`, { param })
  }
  return invalidParam(issue.message, { param })
}

const alternatives = (words: string[]): string =>
  words.length < 2 ? String(words[0]) : `one of ${words.slice(0, -1).join(', ')}${words.length > 2 ? ',' : ''} or ${words.at(-1)}`

const bracketPath = (path: PropertyKey[]): string => path.map((key, i) => (i === 0 ? String(key) : `[${String(key)}]`)).join('')

const valueAt = (input: unknown, path: PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined), input)

const isParamError = (value: unknown): value is ParamError => typeof value === 'object' && value !== null && 'message' in value
