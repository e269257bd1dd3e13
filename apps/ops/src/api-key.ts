import {
  type ApiKeyScope,
  apiKeyScopes,
  closeDb,
  createApiKey,
  createDb,
  createReads,
  type Db,
  revokeApiKey,
} from '@pay-to-view/db'
import { type Command, Option } from 'commander'
import { z } from 'zod'
import { environments, readEnvironment } from './env.ts'
import { duration, parseWith } from './options.ts'

interface CreateOptions {
  name: string
  scope: ApiKeyScope[]
  /** In seconds. */
  expiresIn?: number
  /** Maximum number of calls per 10 seconds. */
  rateLimit?: number
  by: string
}

const withDb = async <T>(run: (db: Db) => Promise<T>): Promise<T> => {
  const env = readEnvironment(environments.database)
  const db = createDb(env.DATABASE_URL, { connections: 1 })
  try {
    return await run(db)
  } finally {
    await closeDb(db)
  }
}

/** Prints the secret on stdout and everything else on stderr, so that a script can store the secret. */
const create = ({ name, scope, expiresIn, rateLimit, by }: CreateOptions): Promise<void> =>
  withDb(async (db) => {
    const expiresAt = expiresIn === undefined ? null : new Date(Date.now() + expiresIn * 1_000)
    const created = await createApiKey(db, {
      name,
      scopes: scope,
      expiresAt,
      rateLimit: rateLimit ?? null,
      createdBy: by,
      idempotencyKey: null,
    })
    if ('conflict' in created) throw new Error('Expected no idempotency key')
    const { id, scopes } = created.apiKey
    console.error(`${id}  ${name}  ${scopes.join(' ')}  ${describeExpiry(expiresAt)}`)
    console.error('Store this key now: it will not be shown again.')
    console.log(created.secret)
  })

const describeExpiry = (expiresAt: Date | null): string =>
  expiresAt === null ? 'does not expire' : `expires ${expiresAt.toISOString()}`

const pageSize = 100

const list = (): Promise<void> =>
  withDb(async (db) => {
    const reads = createReads(db)
    for (let before: string | null = null; ; ) {
      const keys: Awaited<ReturnType<typeof reads.apiKeys>> = await reads.apiKeys(before, pageSize)
      for (const { id, prefix, name, scopes, expiresAt, lastUsedAt } of keys) {
        const lastUse = lastUsedAt === null ? 'never used' : `last used ${lastUsedAt.toISOString()}`
        console.log(`${id}  ${prefix}…  ${name}  ${scopes.join(' ')}  ${describeExpiry(expiresAt)}  ${lastUse}`)
      }
      before = keys.at(-1)?.id ?? null
      if (before === null || keys.length < pageSize) return
    }
  })

const revoke = (id: string, by: string): Promise<number> =>
  withDb(async (db) => {
    const exists = await revokeApiKey(db, id, by)
    if (!exists) console.error(`API key ${id} not found. The "list" command prints the ids.`)
    else console.log(`${id} is revoked. It stops working within 5 seconds.`)
    return exists ? 0 : 1
  })

const by = () => new Option('--by <name>', 'who runs the command, for the audit log').default('command line')

const name = z.string().trim().min(1, 'Expected a name').max(200, 'Expected at most 200 characters')
const scope = z.enum(apiKeyScopes, `Expected one of ${apiKeyScopes.join(', ')}`)
const rateLimit = z.coerce.number('Expected a whole number').int().min(1, 'Expected at least 1').max(1_000_000)
const readScope = parseWith(scope)

/** Adds the `npm run api-key -- create|list|revoke` commands. */
export const addApiKeyCommand = (program: Command): void => {
  const apiKey = program
    .command('api-key')
    .description("create, list and revoke the keys with which the site's backend calls the admin API (docs/api-keys.md)")
  apiKey
    .command('create')
    .description('create a key and print it')
    .addOption(new Option('--name <name>', 'the program that uses the key').argParser(parseWith(name)).makeOptionMandatory())
    .addOption(
      new Option('--scope <scope...>', `one or more of ${apiKeyScopes.join(', ')}`)
        .argParser((text, previous: ApiKeyScope[] = []) => [...previous, readScope(text)])
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--expires-in <duration>', 'such as 90d; by default, the key does not expire').argParser(parseWith(duration)),
    )
    .addOption(
      new Option('--rate-limit <calls>', 'maximum number of calls in 10 seconds, per server').argParser(parseWith(rateLimit)),
    )
    .addOption(by())
    .action(create)
  apiKey.command('list').description('list the keys that are not revoked').action(list)
  apiKey
    .command('revoke')
    .description('revoke a key; it stops working within 5 seconds')
    .argument('<id>', 'key_…')
    .addOption(by())
    .action(async (id: string, options: { by: string }) => {
      process.exitCode = await revoke(id, options.by)
    })
}
