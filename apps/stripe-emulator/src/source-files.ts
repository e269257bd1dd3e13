import { readFileSync } from 'node:fs'

/** Reads a file in src. Works both from source and from the bundled program, because `src` and `dist` are sibling folders. */
export const readSourceFile = (name: string): string => readFileSync(new URL(`../src/${name}`, import.meta.url), 'utf8')
