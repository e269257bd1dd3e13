/** Matches text that Postgres can store in text and jsonb: without NUL and without unpaired surrogates. */
export const storableText = /^[^\0\ud800-\udfff]*$/u

const utf8Length = (text: string): number => {
  let length = 0
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0
    length += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4
  }
  return length
}

/** UTF-8 bytes, as Temporal counts, or UTF-16 code units, of which a string has at least as many as it has characters, however a service counts characters. */
const lengthIn = { bytes: utf8Length, utf16: (text: string): number => text.length }

const ellipsis = '…'

/**
 * Shortens a string to at most `max` units, with an ellipsis at the end if something was removed. Never cuts inside what a reader sees as one
 * character: an emoji of several code points, a letter with its accents.
 */
export const truncate = (text: string, max: number, unit: keyof typeof lengthIn): string => {
  const length = lengthIn[unit]
  if (length(text) <= max) return text
  const room = max - length(ellipsis)
  let kept = ''
  let used = 0
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)) {
    used += length(segment)
    if (used > room) break
    kept += segment
  }
  return kept.trimEnd() + ellipsis
}
