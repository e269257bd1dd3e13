import { readFileSync } from 'node:fs'

/** Reads a file in src. Works from the sources and from the bundled program, because `src` and `dist` are next to each other. */
export const readSourceFile = (name: string): string => readFileSync(new URL(`../src/${name}`, import.meta.url), 'utf8')
