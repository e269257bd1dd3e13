/**
 * Returns the first language of an Accept-Language header, because browsers name the preferred language first: `de-AT` for
 * `de-AT,de;q=0.9,en;q=0.8`. Null if the header names none.
 */
export const preferredLanguage = (acceptLanguage: string | undefined): string | null => {
  const tag = acceptLanguage?.split(',')[0]?.split(';')[0]?.trim() ?? ''
  return tag.length <= 35 && /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*$/.test(tag) ? tag : null
}
