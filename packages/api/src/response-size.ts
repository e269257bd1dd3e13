/** A response is at most 200 kB. The remaining 10 kB are for the fields around the list of items. */
export const maxItemsBytes = 190_000

export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

/** Shortens the caller's text to at most `maxBytes` as JSON. */
export const shortenForResponse = (text: string, maxBytes: number): string => {
  if (jsonBytes(text) <= maxBytes) return text
  let kept = ''
  for (const character of text) {
    if (jsonBytes(`${kept}${character}…`) > maxBytes) break
    kept += character
  }
  return `${kept}…`
}

/**
 * Omits the errors of the last failed items if the response would be too large, for example after hundreds of failures with long ids. The
 * response always lists which items failed.
 */
export const withinResponseSize = <T extends { error?: unknown }>(
  items: readonly T[],
): (Omit<T, 'error'> & Pick<Partial<T>, 'error'>)[] => {
  let room = maxItemsBytes - jsonBytes(items.map(({ error: _, ...item }) => item))
  return items.map(({ error, ...item }) => {
    if (error === undefined) return item
    room -= jsonBytes({ error })
    return room < 0 ? item : { ...item, error }
  })
}
