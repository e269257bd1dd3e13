/** The API's limit for titles and names, in Unicode code points. */
const maxCharacters = 200

/** Returns why a title or name is rejected; undefined if it is valid. `missing` is the text for an empty field. */
export const nameError = (text: string, missing: string): string | undefined => {
  const { length } = [...text.trim()]
  if (length === 0) return missing
  return length > maxCharacters ? `Enter at most ${maxCharacters} characters` : undefined
}
