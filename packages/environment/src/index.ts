import { z } from 'zod'

/** The variables that say something: an empty one is not given, as compose files and shells pass what is not set. */
export const setVariables = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()))

const Default = z.union([z.string(), z.number(), z.boolean()])

/** What applies without a variable: `required` where the process does not start, null where nothing does. */
export const defaultOf = (schema: z.ZodType): { required: true } | { value: string } | null => {
  const read = schema.safeParse(undefined)
  if (!read.success) return { required: true }
  const value = Default.safeParse(read.data)
  return value.success && value.data !== '' ? { value: String(value.data) } : null
}

const helpOn = ([name, option]: [string, z.ZodType]): string => {
  const fallback = defaultOf(option)
  const without = fallback === null ? '' : 'value' in fallback ? ` (default ${fallback.value})` : ' (required)'
  return `  ${name.padEnd(28)} ${option.description ?? ''}${without}`
}

/** What is wrong with the variables, a line each: which one, and what was expected. */
export const describeInvalidVariables = (
  { shape }: z.ZodObject,
  variables: NodeJS.ProcessEnv,
  { issues }: z.ZodError,
): string[] =>
  issues.map(({ path, code, message }) => {
    const name = path.join('.')
    const missing = code === 'invalid_type' && variables[name] === undefined
    return `${name}: ${missing ? `Expected ${shape[name]?.description ?? 'a value'}` : message}`
  })

/**
 * The options of a process, from its environment. Ends the process after `--help`, and, having named what is wrong, where a variable is
 * missing or wrong (with 2).
 */
export const readEnvironment = <T extends z.ZodObject>(program: string, environment: T): z.output<T> => {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    const options = Object.entries<z.ZodType>(environment.shape)
    console.log(`The ${program}. Options are environment variables:\n\n${options.map(helpOn).join('\n')}`)
    process.exit(0)
  }
  const variables = setVariables(process.env)
  const parsed = environment.safeParse(variables)
  if (parsed.success) return parsed.data
  for (const line of describeInvalidVariables(environment, variables, parsed.error)) console.error(line)
  console.error(`The ${program} does not start. --help lists every option.`)
  process.exit(2)
}
