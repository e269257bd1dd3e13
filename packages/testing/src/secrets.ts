import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { decodePayloads } from './history-text.ts'
import { readIfExists } from '@pay-to-view/devstack/files'
import type { Home } from '@pay-to-view/devstack/home'
import type { Addresses } from '@pay-to-view/devstack/stack'

/** What must reach no log, history or metric, as it looks. */
const looks: Record<string, RegExp> = {
  'a key of Stripe': /\b[sr]k_(?:test|live)_\w{4,}/,
  'a webhook secret': /\bwhsec_\w{4,}/,
  'a client secret': /\bcs_\w+_secret_\w+/,
  'a bearer token': /\bBearer [\w-]+\.[\w-]+\.[\w-]+/i,
  'a token': /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/,
  // Not the digits after a point: a sum of seconds has as many.
  'a card number': /(?<!\d\.)\b4(?:000|242)[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}\b/,
  'a password of the database': /\bpostgres(?:ql)?:\/\/[^\s:/@]+:(?!\[secret\])[^\s@]+@/,
}

/** The lines that hold one, without the rest of what they hold. `known` are secrets by their value: no shape tells what they are. */
export const secretsIn = (name: string, text: string, known: readonly string[] = []): string[] =>
  text.split('\n').flatMap((line, at) => {
    const found = Object.entries(looks)
      .filter(([, pattern]) => pattern.test(line))
      .map(([what]) => what)
    const values = known.some((value) => line.includes(value)) ? ['a secret of this stack'] : []
    return [...found, ...values].map((what) => `${name}:${at + 1} holds ${what}`)
  })

/** Of every file in a folder. */
export const secretsInLogs = (folder: string, known: readonly string[] = []): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .flatMap((file) => secretsIn(file.name, readFileSync(path.join(file.parentPath, file.name), 'utf8'), known))

/** The values in a file of secrets, long enough to be none of anything else. */
const valuesIn = (file: string): string[] =>
  [...(readIfExists(file) ?? '').matchAll(/"(?:\w*(?:password|secret|key)\w*|d)": ?"([^"]{16,})"/gi)].map(
    ([, value]) => value ?? '',
  )

/** Every secret that this stack has made for itself. A publishable key is none. */
export const secretsOf = (home: Home): string[] =>
  [home.secrets, home.issuerKey, home.playbackKey].flatMap(valuesIn).filter((value) => !value.startsWith('pk_'))

/** Of every history of every workflow, with the payloads as text. */
const secretsInHistories = async ({ temporalAddress, temporalNamespace }: Addresses, known: string[]): Promise<string[]> => {
  const connection = await Connection.connect({ address: temporalAddress })
  try {
    const { workflow } = new Client({ connection, namespace: temporalNamespace })
    const found: string[] = []
    for await (const { workflowId, runId } of workflow.list()) {
      const { events } = await workflow.getHandle(workflowId, runId).fetchHistory()
      const lines = (events ?? []).map((event) => decodePayloads(JSON.stringify(event)))
      found.push(...secretsIn(workflowId, lines.join('\n'), known))
    }
    return found
  } finally {
    await connection.close()
  }
}

const secretsInMetrics = async ({ api, worker }: Addresses, known: string[]): Promise<string[]> => {
  const texts = [api, worker].map(async (url) => secretsIn(`${url}/metrics`, await (await fetch(`${url}/metrics`)).text(), known))
  return (await Promise.all(texts)).flat()
}

/** Where secrets have got out of a running stack: histories, metrics, and what the logs hold so far. `more` are secrets that a test has made. */
export const leaksOf = async (home: Home, stack: Addresses, more: readonly string[] = []): Promise<string[]> => {
  const known = [...secretsOf(home), ...more]
  return [
    ...(await secretsInHistories(stack, known)),
    ...(await secretsInMetrics(stack, known)),
    ...secretsInLogs(home.logs, known),
  ]
}

/** Stricter than `secretsIn`: every connection string and every run of 15 to 19 digits counts. */
const strictPattern =
  /_secret_|whsec_|\b[prs]k_(test|live)_|bearer |\beyJ[\w-]+\.|postgres(ql)?:\/\/|\b\d{15,19}\b|\b\d{4} \d{4} \d{4} \d{4}\b|\b\d{4}-\d{4}-\d{4}-\d{4}\b/i

/** The first part of a text that looks like a secret, or null. */
export const secretIn = (text: string): string | null => strictPattern.exec(text)?.[0] ?? null
