import { userInfo } from 'node:os'
import path from 'node:path'
import { Option } from 'commander'
import { invocationFolder } from './env.ts'

const userName = (): string => {
  try {
    return userInfo().username
  } catch {
    return 'import'
  }
}

export const byOption = (): Option =>
  new Option('--by <name>', 'who runs the import, for the audit log').default(userName(), 'your user name')

/** Resolves a path relative to the folder in which the user ran npm, because npm runs the command in the project folder. */
export const resolvePath = (file: string): string => path.resolve(invocationFolder, file)
