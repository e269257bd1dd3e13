import { Client } from 'pg'

// Replaces pg_dump, which is not among the stack's binaries. An installed pg_dump may be too old: pg_dump cannot dump a
// server of a newer major version. The copy has the same contents as a dump: all rows at one point in time.

export interface DatabaseCopy {
  /** The rows of each table as JSON. */
  tables: { name: string; rows: string }[]
}

const connect = async <T>(databaseUrl: string, use: (client: Client) => Promise<T>): Promise<T> => {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

/** Partitions are omitted, because their rows are also in the partitioned table. */
const tableNames = async (client: Client): Promise<string[]> => {
  const { rows } = await client.query<{ name: string }>(
    "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition",
  )
  return rows.map(({ name }) => name)
}

/** Generated columns are omitted, because they cannot be inserted. */
const columnsOf = async (client: Client, table: string): Promise<string> => {
  const { rows } = await client.query<{ name: string }>(
    "select column_name as name from information_schema.columns where table_name = $1 and is_generated = 'NEVER'",
    [table],
  )
  return rows.map(({ name }) => `"${name}"`).join(', ')
}

/** The columns whose default values come from a sequence. */
const serialColumns = async (client: Client): Promise<{ name: string; column: string }[]> => {
  const { rows } = await client.query<{ name: string; column: string }>(
    `select table_name as name, column_name as column from information_schema.columns
     where table_schema = 'public' and column_default like 'nextval(%'`,
  )
  return rows
}

export const copyDatabase = (databaseUrl: string): Promise<DatabaseCopy> =>
  connect(databaseUrl, async (client) => {
    await client.query('begin isolation level repeatable read read only')
    const tables: DatabaseCopy['tables'] = []
    for (const name of await tableNames(client)) {
      const { rows } = await client.query<{ rows: string }>(
        `select coalesce(json_agg(row), '[]')::text as rows from "${name}" as row`,
      )
      tables.push({ name, rows: rows[0]?.rows ?? '[]' })
    }
    return { tables }
  })

/** Replaces the contents of the database with a copy. */
export const restoreDatabase = (databaseUrl: string, { tables }: DatabaseCopy): Promise<void> =>
  connect(databaseUrl, async (client) => {
    await client.query('begin')
    // Disables triggers, and with them the foreign key checks.
    await client.query('set local session_replication_role = replica')
    await client.query(`truncate ${tables.map(({ name }) => `"${name}"`).join(', ')} restart identity cascade`)
    for (const { name, rows } of tables) {
      const columns = await columnsOf(client, name)
      const values = `select ${columns} from json_populate_recordset(null::"${name}", $1::json)`
      await client.query(`insert into "${name}" (${columns}) ${values}`, [rows])
    }
    for (const { name, column } of await serialColumns(client))
      await client.query(
        `select setval(pg_get_serial_sequence($1, $2), (select coalesce(max("${column}"), 0) + 1 from "${name}"), false)`,
        [name, column],
      )
    await client.query('commit')
  })
