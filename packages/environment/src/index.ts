import { z } from 'zod'

export * from './values.ts'

export type Variables = Readonly<Record<string, string | undefined>>

/** The message has one line per problem, with the variable and the expected value. */
export class InvalidEnvironmentError extends Error {
  override name = 'InvalidEnvironmentError'
}

/**
 * Returns the variables that have a value. Empty variables are removed, because Compose files and shells pass unset variables as empty
 * strings.
 */
export const setVariables = (variables: Variables): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).flatMap(([name, value]) => (value?.trim() ? [[name, value]] : [])))

const types: Readonly<Record<string, string>> = {
  ...{ int: 'a whole number', number: 'a number', string: 'text' },
  ...{ object: 'a JSON object', array: 'a JSON array' },
}

/** Returns what was expected, for an issue whose schema has no text of its own. Otherwise, the message would be written for developers. */
const expectation = (issue: z.core.$ZodRawIssue): string | undefined => {
  switch (issue.code) {
    case 'invalid_type':
      return `Expected ${types[issue.expected] ?? issue.expected}`
    case 'too_small':
      return issue.origin === 'number' ? `Expected a number of at least ${issue.minimum}` : undefined
    case 'too_big':
      return issue.origin === 'number' ? `Expected a number of at most ${issue.maximum}` : undefined
    case 'invalid_format':
      return issue.format === 'url' ? 'Expected a URL such as https://www.example.com' : undefined
    case 'invalid_value':
      return `Expected one of ${issue.values.join(', ')}`
    default:
      return undefined
  }
}

/** Parses environment variables. Throws InvalidEnvironmentError. */
export const parseEnvironment = <T extends z.ZodObject>(schema: T, environment: Variables): z.output<T> => {
  const variables = setVariables(environment)
  const { data, error } = schema.safeParse(variables, { error: expectation })
  if (!error) return data
  const lines = error.issues.map(({ path, code, message }) => {
    const name = path.join('.')
    const isMissing = code === 'invalid_type' && path.length === 1 && variables[name] === undefined
    return isMissing ? `${name} is missing. Expected: ${schema.shape[name]?.description ?? 'a value'}` : `${name}: ${message}`
  })
  throw new InvalidEnvironmentError(lines.join('\n'))
}

const Default = z.union([z.string(), z.number(), z.boolean()])

/** The default of an option, or `required` if the process cannot start without it. Null if the option is unset by default. */
export const defaultOf = (option: z.ZodType): { required: true } | { value: string } | null => {
  const parsed = option.safeParse(undefined)
  if (!parsed.success) return { required: true }
  const value = Default.safeParse(parsed.data)
  return value.success && value.data !== '' ? { value: String(value.data) } : null
}

/** Returns one line per option, for `--help`. */
export const describeOptions = ({ shape }: z.ZodObject): string =>
  Object.entries<z.ZodType>(shape)
    .map(([name, option]) => {
      const fallback = defaultOf(option)
      const note = fallback === null ? '' : 'value' in fallback ? ` (default ${fallback.value})` : ' (required)'
      return `  ${name.padEnd(28)} ${option.description ?? ''}${note}`
    })
    .join('\n')

/** Reads the options of a process from its environment. Exits after `--help`, and with code 2 if a variable is missing or invalid. */
export const readEnvironment = <T extends z.ZodObject>(program: string, schema: T): z.output<T> => {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    console.log(`The ${program}. Options are environment variables:\n\n${describeOptions(schema)}`)
    process.exit(0)
  }
  try {
    return parseEnvironment(schema, process.env)
  } catch (error) {
    if (!(error instanceof InvalidEnvironmentError)) throw error
    console.error(`${error.message}\nThe ${program} does not start. --help lists every option.`)
    process.exit(2)
  }
}
