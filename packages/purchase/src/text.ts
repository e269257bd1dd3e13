/** Matches text that Postgres can store in text and jsonb: without NUL and without unpaired surrogates. */
export const storableText = /^[^\0\ud800-\udfff]*$/u

/** A number with its noun: "1 purchase", "2 purchases", "0 entities". */
export const countOf = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

const utf8Bytes = (character: string): number => {
  const codePoint = character.codePointAt(0) ?? 0
  return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4
}

/**
 * The unit of a length limit: UTF-8 bytes, as Temporal counts, or UTF-16 code units. The latter are a safe limit for a service that counts
 * characters, because a string never has more characters than code units.
 */
const lengthOfCharacter = { bytes: utf8Bytes, utf16: (character: string): number => character.length }

const ellipsis = '…'

/** How many code units at the start of a string fit within `max` units. */
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
 * Shortens a string to at most `max` units, with an ellipsis at the end if something was removed. Never cuts inside a character as a reader
 * sees it, such as an emoji of several code points or a letter with accents.
 */
export const truncate = (text: string, max: number, unit: keyof typeof lengthOfCharacter): string => {
  if (fittingLength(text, max, unit) === text.length) return text
  const end = fittingLength(text, max - lengthOfCharacter[unit](ellipsis), unit)
  const cut = new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text).containing(end)
  return text.slice(0, cut?.index).trimEnd() + ellipsis
}
