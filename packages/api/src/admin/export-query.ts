import { z } from 'zod'
import { ApiError } from '../errors.ts'
import { fieldErrors } from '../to-api-error.ts'

/**
 * Excel needs a byte-order mark to read a file as UTF-8, but other programs read the mark as part of the first column's name, so the mark
 * is off by default. The back office requests it.
 */
export const byteOrderMark = z
  .enum(['true', 'false'], 'Expected true or false')
  .default('false')
  .meta({ description: 'Begin with a byte-order mark, which Excel needs to detect UTF-8' })

export const markOf = (options: { byteOrderMark: 'true' | 'false' }): string => (options.byteOrderMark === 'true' ? '\uFEFF' : '')

/** Divides an export's query into the filter, which the procedure that reads the pages validates, and the other parameters. */
export const divideQuery = (query: Readonly<Record<string, string>>, filter: z.ZodObject) => {
  const select = (isFilter: boolean): Record<string, string> =>
    Object.fromEntries(Object.entries(query).filter(([name]) => Object.hasOwn(filter.shape, name) === isFilter))
  return { filter: select(true), others: select(false) }
}

/** Reads the parameters that are not part of the filter. Throws `validation` for an unknown parameter or an invalid value. */
export const readOptions = <T extends z.ZodObject>(schema: T, parameters: Readonly<Record<string, string>>): z.output<T> => {
  const { data, error } = schema.safeParse(parameters)
  if (error) throw new ApiError('validation', { fields: fieldErrors(error) })
  return data
}
