import Bowser from 'bowser'
import ipaddr from 'ipaddr.js'

/** The origin of a request. */
export interface RequestOrigin {
  address: string
  userAgent: string | undefined
}

/** The part of a request's origin that is stored. */
export interface Viewer {
  /** For example `Chrome on Windows`; null if the User-Agent header names neither a browser nor an operating system. */
  device: string | null
  /** Only the network part of the address, which does not identify a household. */
  address: string | null
}

const maxDeviceLength = 60

/** Returns the names of the browser and the operating system, so people can recognize their devices. */
export const describeDevice = (userAgent: string | undefined): string | null => {
  if (!userAgent) return null
  const { browser, os } = Bowser.parse(userAgent)
  return [browser.name, os.name].filter(Boolean).join(' on ').slice(0, maxDeviceLength) || null
}

const keptBytes = { ipv4: 3, ipv6: 6 }

/** The /24 network of an IPv4 address, or the /48 network of an IPv6 address. */
export const shortenAddress = (address: string): string | null => {
  if (!ipaddr.isValid(address)) return null
  const parsed = ipaddr.process(address)
  const kept = keptBytes[parsed.kind()]
  const network = ipaddr.fromByteArray(parsed.toByteArray().map((byte, index) => (index < kept ? byte : 0)))
  return `${network.toString()}/${kept * 8}`
}

export const viewerOf = ({ address, userAgent }: RequestOrigin): Viewer => ({
  device: describeDevice(userAgent),
  address: shortenAddress(address),
})
