import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { DataFolder, StackAddresses } from '@pay-to-view/devstack'
import { readIfExists } from '@pay-to-view/devstack/files'
import { Client, Connection } from '@temporalio/client'
import { decodePayloads } from './history-text.ts'

/** Patterns of secrets that must not be in a log, a history or a metric. */
const patterns: Record<string, RegExp> = {
  'a Stripe key': /\b[esr]k_(?:org_)?(?:test|live)_\w{4,}/,
  'a webhook secret': /\bwhsec_[\w+/]{4,}/,
  'an API key': /\bptvk_\w{5,}/,
  // Client secrets may be percent-encoded.
  'a client secret': /\b(?:cs|pi|seti|cuss|accs)_(?:\w+_)?secret_[\w%]|\bcs_\w+#[\w%]/,
  'an incompletely masked secret': /\[secret\][\w%+/=]/,
  'a bearer token': /\bBearer [\w-]+\.[\w-]+\.[\w-]+/i,
  'a token': /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/,
  // Excludes digits in a UUID, and digits after a decimal point, because a metric's seconds can have as many digits.
  'a card number': /(?<!\d\.)\b4(?:000|242)[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}\b(?!-)/,
  'a database password': /\bpostgres(?:ql)?:\/\/[^\s:/@]+:(?!\[secret\])[^\s@]+@/,
}

/**
 * Describes the lines of a text that contain a secret, without showing the secret. `values` are additional secrets that have no
 * recognizable format.
 */
export const findSecrets = (name: string, text: string, values: readonly string[] = []): string[] =>
  text.split('\n').flatMap((line, index) => {
    const byForm = Object.entries(patterns)
      .filter(([, pattern]) => pattern.test(line))
      .map(([kind]) => kind)
    const byValue = values.some((value) => line.includes(value)) ? ['a secret of this stack'] : []
    return [...byForm, ...byValue].map((kind) => `${name}:${index + 1} contains ${kind}`)
  })

export const findSecretsInFiles = (folder: string, values: readonly string[] = []): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .flatMap((file) => findSecrets(file.name, readFileSync(path.join(file.parentPath, file.name), 'utf8'), values))

/** Returns the secrets in a JSON file that are long enough to be unique. */
const secretsInFile = (file: string): string[] =>
  [...(readIfExists(file) ?? '').matchAll(/"(?:\w*(?:password|secret|key)\w*|d)": ?"([^"]{16,})"/gi)].map(
    ([, value]) => value ?? '',
  )

/** Returns every secret that this stack has created, except publishable keys, which are not secret. */
export const secretsOf = ({ secrets, issuerKey, playbackKey, webhooksKey }: DataFolder): string[] => [
  ...[secrets, issuerKey, playbackKey].flatMap(secretsInFile).filter((value) => !value.startsWith('pk_')),
  ...[readIfExists(webhooksKey)].filter((value) => value !== undefined),
]

/** Searches every workflow history, including decoded payloads. */
const findSecretsInHistories = async (
  { temporalAddress, temporalNamespace }: StackAddresses,
  values: string[],
): Promise<string[]> => {
  const connection = await Connection.connect({ address: temporalAddress })
  try {
    const { workflow } = new Client({ connection, namespace: temporalNamespace })
    const found: string[] = []
    for await (const { workflowId, runId } of workflow.list()) {
      const { events } = await workflow.getHandle(workflowId, runId).fetchHistory()
      const lines = (events ?? []).map((event) => decodePayloads(JSON.stringify(event)))
      found.push(...findSecrets(workflowId, lines.join('\n'), values))
    }
    return found
  } finally {
    await connection.close()
  }
}

const findSecretsInMetrics = async ({ api, worker }: StackAddresses, values: string[]): Promise<string[]> => {
  const found = [`${api}/metrics`, `${worker}/metrics`].map(async (url) =>
    findSecrets(url, await (await fetch(url)).text(), values),
  )
  return (await Promise.all(found)).flat()
}

/** Searches the histories, metrics and logs of a running stack for the secrets of the stack and of a test. */
export const findLeakedSecrets = async (
  dataFolder: DataFolder,
  stack: StackAddresses,
  additionalSecrets: readonly string[] = [],
): Promise<string[]> => {
  const values = [...secretsOf(dataFolder), ...additionalSecrets]
  return [
    ...(await findSecretsInHistories(stack, values)),
    ...(await findSecretsInMetrics(stack, values)),
    ...findSecretsInFiles(dataFolder.logs, values),
  ]
}

/** Stricter than `patterns`. Every connection string and every sequence of 15 to 19 digits counts as a secret. */
const strictPattern =
  /_secret_|\bcs_\w+#|whsec_|ptvk_\w{5}|\b[eprs]k_(org_)?(test|live)_|bearer |\beyJ[\w-]+\.|postgres(ql)?:\/\/|\b\d{15,19}\b|\b\d{4} \d{4} \d{4} \d{4}\b|\b\d{4}-\d{4}-\d{4}-\d{4}\b/i

/** Returns the first substring that looks like a secret, or null. */
export const findSecretStrictly = (text: string): string | null => strictPattern.exec(text)?.[0] ?? null
