import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { acknowledgments, consentTerms } from '../src/index.ts'

test('docs/law.md quotes the texts that buyers acknowledge', () => {
  const law = readFileSync(new URL('../../../docs/law.md', import.meta.url), 'utf8')
  for (const name of acknowledgments) expect(law).toMatch(new RegExp(`\`${name}\` +\\| ${consentTerms.texts[name]} `))
})
