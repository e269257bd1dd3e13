/** Matches strings that Postgres can store as text and jsonb: they contain neither NUL nor unpaired surrogates. */
export const storableText = /^[^\0\ud800-\udfff]*$/u

/** Returns a number with its noun: "1 purchase", "2 purchases", "0 entities". */
export const countOf = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

const utf8Bytes = (character: string): number => {
  const codePoint = character.codePointAt(0) ?? 0
  return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4
}

/**
 * The units for length limits: UTF-8 bytes, which Temporal counts, or UTF-16 code units. Code units are safe for a service that counts
 * characters, because a string never has more characters than code units.
 */
const lengthOfCharacter = { bytes: utf8Bytes, utf16: (character: string): number => character.length }

const ellipsis = '…'

/** Returns the number of code units at the start of a string that fit within `max` units. */
const fittingLength = (text: string, max: number, unit: keyof typeof lengthOfCharacter): number => {
  let used = 0
  let index = 0
  for (const character of text) {
    used += lengthOfCharacter[unit](character)
    if (used > max) break
    index += character.length
  }
  return index
}

/**
 * Shortens a string to at most `max` units, and adds an ellipsis if something was removed. Never splits a visible character, such as an
 * emoji of several code points or a letter with accents.
 */
export const truncate = (text: string, max: number, unit: keyof typeof lengthOfCharacter): string => {
  if (fittingLength(text, max, unit) === text.length) return text
  const end = fittingLength(text, max - lengthOfCharacter[unit](ellipsis), unit)
  const cut = new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text).containing(end)
  return text.slice(0, cut?.index).trimEnd() + ellipsis
}
