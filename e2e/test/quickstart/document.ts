import { readFileSync } from 'node:fs'
import path from 'node:path'
import { repositoryRoot } from '@pay-to-view/devstack'

export interface Block {
  /** The text after the language in a block's first line: `runnable`, `start` (a server), `stack` (the whole stack), or the path of a file. */
  info: string
  language: string
  text: string
}

/** Returns a document's code blocks, by section heading. */
export const readSections = (document: string): Map<string, Block[]> => {
  const text = readFileSync(path.join(repositoryRoot, document), 'utf8')
  const sections = text.split(/^## /m).slice(1)
  return new Map(
    sections.map((section) => [
      section.slice(0, section.indexOf('\n')),
      [...section.matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```$/gms)].map(([, language = '', info = '', text = '']) => ({
        language,
        info,
        text,
      })),
    ]),
  )
}

const isFile = ({ info }: Block) => info.includes('.')

/**
 * Returns a shell script that follows the section as a reader would: it runs the commands and writes the files into `folder`. A
 * command that starts a server keeps running. The caller starts the stack.
 */
export const toScript = (blocks: readonly Block[], folder: string): string =>
  blocks
    .map((block) => {
      if (isFile(block)) return `cat > '${path.join(folder, block.info)}' <<'END_OF_FILE'\n${block.text}END_OF_FILE\n`
      if (block.info === 'stack') return ''
      if (block.language === 'sh' && ['runnable', 'start'].includes(block.info)) return block.text
      throw new Error(`A block that is not executed: ${block.text}`)
    })
    .join('')
