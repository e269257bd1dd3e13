import { lookup } from 'node:dns/promises'
import { addressInUrl, isAddressAllowed } from './address.ts'

export interface AddressPolicy {
  /** Allows `http:`, and the addresses of this machine and of private networks. */
  allowPrivate: boolean
  /** Resolves a host name to its addresses. */
  resolve?: (hostname: string) => Promise<string[]>
}

export const resolveHost = async (hostname: string): Promise<string[]> =>
  (await lookup(hostname, { all: true })).map(({ address }) => address)

const maxUrlLength = 2_048

/** Whether a name always refers to this machine, whatever its DNS records are (RFC 6761). */
const isLocalName = (hostname: string): boolean => /(^|\.)localhost\.?$/.test(hostname)

/** Returns what is wrong with a URL, without resolving its host name; null if the URL is valid. */
export const urlProblem = (text: string, { allowPrivate }: AddressPolicy): string | null => {
  const expected = `Expected an ${allowPrivate ? 'http:// or https://' : 'https://'} URL, such as https://www.example.com/hooks`
  if (text.length > maxUrlLength) return `Expected at most ${maxUrlLength} characters`
  if (!URL.canParse(text)) return expected
  const url = new URL(text)
  if (url.protocol === 'http:' && !allowPrivate) return 'Expected https:// because http:// is not encrypted'
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return expected
  if (url.username !== '' || url.password !== '') return 'Expected a URL without a user name and password'
  const address = addressInUrl(url)
  const isRejected = address === null ? isLocalName(url.hostname) && !allowPrivate : !isAddressAllowed(address, { allowPrivate })
  return isRejected ? 'Expected a host on the internet, not an address of this machine or of a private network' : null
}

/** The time limit in milliseconds for the DNS lookup when an endpoint is saved. */
const resolveTimeoutMs = 3_000

/**
 * Returns what is wrong with the URL of an endpoint that is being saved; null if the URL is valid. A name that does not resolve now is
 * accepted, because the address is checked again on each connection.
 */
export const endpointUrlProblem = async (text: string, policy: AddressPolicy): Promise<string | null> => {
  const problem = urlProblem(text, policy)
  if (problem !== null) return problem
  const url = new URL(text)
  if (addressInUrl(url) !== null) return null
  const { resolve = resolveHost, allowPrivate } = policy
  let timeout: NodeJS.Timeout | undefined
  const late = new Promise<string[]>((done) => {
    timeout = setTimeout(done, resolveTimeoutMs, [])
  })
  const addresses = await Promise.race([resolve(url.hostname).catch((): string[] => []), late])
  clearTimeout(timeout)
  const isRejected = addresses.some((address) => !isAddressAllowed(address, { allowPrivate }))
  return isRejected
    ? 'Expected a host on the internet: this name resolves to an address of this machine or of a private network'
    : null
}
