import { z } from 'zod'

/** The parameters that an endpoint of the emulator accepts, read from its zod schema. */
export interface Accepted {
  /** Properties of an object or of the items of a list; undefined for a scalar. */
  members?: Record<string, Accepted>
  required?: string[]
  values?: string[]
}

export const acceptedBy = (schema: z.ZodType | z.core.$ZodType): Accepted => {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return acceptedBy(schema.def.innerType)
  // If a pipe begins with a transform (z.preprocess), the second schema describes the input. In any other pipe, the first schema does.
  if (schema instanceof z.ZodPipe) return acceptedBy(schema.def.in instanceof z.ZodTransform ? schema.def.out : schema.def.in)
  if (schema instanceof z.ZodArray) return acceptedBy(schema.def.element)
  if (schema instanceof z.ZodUnion) return Object.assign({}, ...schema.def.options.map(acceptedBy))
  if (schema instanceof z.ZodEnum) return { values: schema.options.map(String) }
  if (schema instanceof z.ZodLiteral) return { values: [...schema.values].map(String) }
  if (!(schema instanceof z.ZodObject)) return {}
  const entries = Object.entries<z.ZodType>(schema.shape)
  return {
    members: Object.fromEntries(entries.map(([name, inner]) => [name, acceptedBy(inner)])),
    required: entries.filter(([, inner]) => !inner.safeParse(undefined).success).map(([name]) => name),
  }
}
