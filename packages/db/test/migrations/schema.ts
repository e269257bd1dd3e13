import type { Client } from 'pg'
import { z } from 'zod'

const Column = z.object({ name: z.string(), type: z.string(), optional: z.boolean(), given: z.boolean() })

/** What a version of the code relies on: columns with their types, the values of enums, functions, and what refuses rows. */
export interface Schema {
  columns: z.infer<typeof Column>[]
  values: string[]
  functions: string[]
  refusals: string[]
}

const Name = z.object({ name: z.string() })

export const schemaOf = async (client: Client): Promise<Schema> => {
  const namesOf = async (sql: string): Promise<string[]> =>
    z
      .array(Name)
      .parse((await client.query(sql)).rows)
      .map(({ name }) => name)
  const columns = await client.query(`
    select c.relname || '.' || a.attname as name, format_type(a.atttypid, null) as type, not a.attnotnull as optional,
      (a.atthasdef or a.attidentity <> '') as given
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped and c.relname <> '_prisma_migrations'`)
  return {
    columns: z.array(Column).parse(columns.rows),
    values: await namesOf(`select t.typname || ' ' || e.enumlabel as name from pg_enum e join pg_type t on t.oid = e.enumtypid`),
    functions: await namesOf(`
      select p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public'`),
    // Unique indexes are what ON CONFLICT names, too.
    refusals: await namesOf(`
      select t.relname || '.' || i.relname as name from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
        join pg_namespace n on n.oid = i.relnamespace
      where n.nspname = 'public' and x.indisunique and t.relname <> '_prisma_migrations'
      union select t.relname || '.' || o.conname from pg_constraint o join pg_class t on t.oid = o.conrelid
        join pg_namespace n on n.oid = o.connamespace where n.nspname = 'public' and o.contype in ('c', 'f')`),
  }
}

const tableOf = (name: string): string => name.split('.')[0] ?? ''

const lost = (before: readonly string[], after: readonly string[]): string[] =>
  before.filter((name) => !after.includes(name)).map((name) => `${name} is gone`)

/** What keeps a version that was written for `before` from going on with `after`. A new table may do what it likes. */
export const hindrances = (before: Schema, after: Schema): string[] => {
  const known = new Map(before.columns.map((column) => [column.name, column]))
  const tables = new Set(before.columns.map(({ name }) => tableOf(name)))
  const typed = ({ columns }: Schema): string[] => columns.map(({ name, type }) => `${name} ${type}`)
  return [
    ...lost(typed(before), typed(after)),
    ...after.columns.flatMap(({ name, optional, given }) => {
      const was = known.get(name)
      if (was?.optional && !optional) return [`${name} may be null no more`]
      return !was && tables.has(tableOf(name)) && !optional && !given ? [`${name} has to be given`] : []
    }),
    ...lost(before.values, after.values),
    ...lost(before.functions, after.functions),
    ...lost(before.refusals, after.refusals),
    ...after.refusals
      .filter((name) => !before.refusals.includes(name) && tables.has(tableOf(name)))
      .map((name) => `${name} refuses rows`),
  ]
}
