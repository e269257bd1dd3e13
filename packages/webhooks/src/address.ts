import ipaddr from 'ipaddr.js'

/** Addresses from which cloud machines get credentials, outside the reserved ranges that are always rejected. */
const metadataAddresses: readonly string[] = ['100.100.100.200', '168.63.129.16', 'fd00:ec2::254', 'fd20:ce::254']

/** The ranges that `allowPrivate` permits. The link-local range, which contains the metadata services of most clouds, is never allowed. */
const privateRanges: readonly string[] = ['loopback', 'private', 'uniqueLocal', 'carrierGradeNat']

/** The range of public IPv6 addresses. RFC 4291 and IANA's registry assign no other addresses. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')

/** Whether a connection to an IP address is allowed. An IPv4-mapped IPv6 address counts as the IPv4 address. */
export const isAddressAllowed = (text: string, { allowPrivate }: { allowPrivate: boolean }): boolean => {
  if (!ipaddr.isValid(text)) return false
  const address = ipaddr.process(text)
  if (metadataAddresses.some((metadata) => ipaddr.process(metadata).toNormalizedString() === address.toNormalizedString()))
    return false
  const range = address.range()
  if (privateRanges.includes(range)) return allowPrivate
  return range === 'unicast' && (address instanceof ipaddr.IPv4 || address.match(globalUnicast))
}

/** The host of a URL if the host is an IP address; null if the host is a name. The URL parser has already normalized all IPv4 notations. */
export const addressInUrl = ({ hostname }: URL): string | null => {
  const text = hostname.replace(/^\[|\]$/g, '')
  return ipaddr.isValid(text) ? text : null
}
