import type { Client } from 'pg'
import { z } from 'zod'

const Column = z.object({ name: z.string(), type: z.string(), isNullable: z.boolean(), hasDefault: z.boolean() })

/** The parts of the schema that code relies on. `constraints` includes unique indexes and foreign keys. */
export interface Schema {
  columns: z.infer<typeof Column>[]
  enumValues: string[]
  functions: string[]
  constraints: string[]
}

const Name = z.object({ name: z.string() })

export const readSchema = async (client: Client): Promise<Schema> => {
  const readNames = async (sql: string): Promise<string[]> =>
    z
      .array(Name)
      .parse((await client.query(sql)).rows)
      .map(({ name }) => name)
  const columns = await client.query(`
    select c.relname || '.' || a.attname as name, format_type(a.atttypid, null) as type, not a.attnotnull as "isNullable",
      (a.atthasdef or a.attidentity <> '') as "hasDefault"
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and c.relname <> '_prisma_migrations'`)
  return {
    columns: z.array(Column).parse(columns.rows),
    enumValues: await readNames(
      `select t.typname || ' ' || e.enumlabel as name from pg_enum e join pg_type t on t.oid = e.enumtypid`,
    ),
    functions: await readNames(`
      select p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public'`),
    // Unique indexes are included, because ON CONFLICT refers to them.
    constraints: await readNames(`
      select t.relname || '.' || i.relname as name from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
        join pg_namespace n on n.oid = i.relnamespace
      where n.nspname = 'public' and x.indisunique and t.relname <> '_prisma_migrations'
      union select t.relname || '.' || o.conname from pg_constraint o join pg_class t on t.oid = o.conrelid
        join pg_namespace n on n.oid = o.connamespace where n.nspname = 'public' and o.contype in ('c', 'f')`),
  }
}

const tableOf = (name: string): string => name.split('.')[0] ?? ''

const missing = (before: readonly string[], after: readonly string[]): string[] =>
  before.filter((name) => !after.includes(name)).map((name) => `${name} is missing`)

/** Returns the changes that break code written for the schema `before`. New tables are always compatible. */
export const incompatibilities = (before: Schema, after: Schema): string[] => {
  const columnsBefore = new Map(before.columns.map((column) => [column.name, column]))
  const tablesBefore = new Set(before.columns.map(({ name }) => tableOf(name)))
  const withTypes = ({ columns }: Schema): string[] => columns.map(({ name, type }) => `${name} ${type}`)
  return [
    ...missing(withTypes(before), withTypes(after)),
    ...after.columns.flatMap(({ name, isNullable, hasDefault }) => {
      const column = columnsBefore.get(name)
      if (column?.isNullable && !isNullable) return [`${name} is no longer nullable`]
      const isNew = !column && tablesBefore.has(tableOf(name))
      return isNew && !isNullable && !hasDefault ? [`${name} is a new required column`] : []
    }),
    ...missing(before.enumValues, after.enumValues),
    ...missing(before.functions, after.functions),
    ...missing(before.constraints, after.constraints),
    ...after.constraints
      .filter((name) => !before.constraints.includes(name) && tablesBefore.has(tableOf(name)))
      .map((name) => `${name} is a new constraint`),
  ]
}
