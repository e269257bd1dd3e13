import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { truncate } from '../src/index.ts'

const family = '👩‍👩‍👧‍👦'

describe('a string', () => {
  test.each([
    ['short', 5, 'bytes', 'short'],
    ['longer', 5, 'utf16', 'long…'],
    // The ellipsis has 3 bytes.
    ['longer', 5, 'bytes', 'lo…'],
    ['𝗔𝗔𝗔', 5, 'utf16', '𝗔𝗔…'],
    ['𝗔𝗔𝗔', 11, 'bytes', '𝗔𝗔…'],
    ['مرحبا', 9, 'bytes', 'مرح…'],
    [`a${family}${family}`, 13, 'utf16', `a${family}…`],
    [`a${family}`, 8, 'utf16', 'a…'],
    ['cafe\u0301s', 5, 'utf16', 'caf…'],
    ['a  b', 3, 'utf16', 'a…'],
  ] as const)('%j with at most %d %s becomes %j', (text, max, unit, expected) => {
    expect(truncate(text, max, unit)).toBe(expected)
  })

  test('is never longer than the maximum, and is never cut inside a character', () => {
    const units = ['bytes', 'utf16'] as const
    const texts = fc.string({ unit: fc.constantFrom('a', ' ', 'é', '中', '𝗔', family, 'e\u0301'), maxLength: 40 })
    fc.assert(
      fc.property(texts, fc.integer({ min: 3, max: 60 }), fc.constantFrom(...units), (text, max, unit) => {
        const result = truncate(text, max, unit)
        expect(unit === 'bytes' ? Buffer.byteLength(result) : result.length).toBeLessThanOrEqual(max)
        const characters = [...new Intl.Segmenter('en').segment(text)].map(({ segment }) => segment)
        const kept = [...new Intl.Segmenter('en').segment(result.replace(/…$/, ''))].map(({ segment }) => segment)
        expect(characters.slice(0, kept.length)).toEqual(kept)
      }),
    )
  })
})
