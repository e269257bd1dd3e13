import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** What must reach no log, history or metric: keys, webhook secrets, client secrets, bearer tokens, card numbers of the tests. */
const secret =
  /\b[sr]k_(?:test|live)_\w{4,}|\bwhsec_\w{4,}|\bcs_\w+_secret_\w+|\bBearer [\w-]+\.[\w-]+\.[\w-]+|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}|\b4(?:000|242)[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}\b/

/** The lines that hold one, without the rest of what they hold. */
export const secretsIn = (name: string, text: string): string[] =>
  text.split('\n').flatMap((line, at) => {
    const found = secret.exec(line)?.[0]
    return found === undefined ? [] : [`${name}:${at + 1} holds ${found.slice(0, 8)}…`]
  })

/** Of every log in a folder. */
export const secretsInLogs = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .flatMap((file) => secretsIn(file.name, readFileSync(path.join(file.parentPath, file.name), 'utf8')))
