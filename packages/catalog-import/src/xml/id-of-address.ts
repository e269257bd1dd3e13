import { isCatalogId } from '../schema.ts'

const maxLength = 128

/** Returns a 32-bit FNV-1a hash, which distinguishes shortened ids. Not for security. */
const hash = (text: string): string => {
  let value = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193)
  return (value >>> 0).toString(16).padStart(8, '0')
}

/**
 * Replaces each run of characters other than letters, digits and `._~:-` with a hyphen. A string that is too long is truncated and ends
 * with a hash of the whole string.
 */
const slugOf = (text: string): string => {
  const slug = text.replaceAll(/[^A-Za-z0-9._~:-]+/g, '-').replaceAll(/^-+|-+$/g, '')
  return slug.length <= maxLength ? slug : `${slug.slice(0, maxLength - 9)}-${hash(text)}`
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * Returns the id for an entity that a feed identifies by an address or another string: the string itself if it is a valid id; the last
 * segment of the address's path if that is a valid id and the address has no query; otherwise the path and query, with invalid characters
 * replaced by hyphens.
 */
export const idOfAddress = (text: string): string => {
  const trimmed = text.trim()
  const isAddress = /^https?:/i.test(trimmed) && URL.canParse(trimmed)
  if (!isAddress) return isCatalogId(trimmed) ? trimmed : slugOf(trimmed)
  const { hostname, pathname, search } = new URL(trimmed)
  const path = decode(pathname)
  const last = path.split('/').findLast((segment) => segment !== '') ?? ''
  if (search === '' && isCatalogId(last)) return last
  return slugOf(path + decode(search)) || slugOf(hostname)
}
