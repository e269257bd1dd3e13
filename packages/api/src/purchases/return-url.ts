/**
 * Returns a check for allowed origins. `allowed` lists exact origins; an origin that ends in `:*` allows any port of its host.
 * The check rejects everything that browsers may parse differently: other schemes, user info, backslashes, control characters and non-ASCII
 * characters that are not percent-encoded.
 */
export const createReturnUrlCheck = (allowed: readonly string[]) => {
  const exact = new Set(allowed.filter((origin) => !origin.endsWith(':*')))
  const anyPort = new Set(allowed.filter((origin) => origin.endsWith(':*')).map((origin) => origin.slice(0, -2)))
  return (returnUrl: string): boolean => {
    if (/[^\x21-\x7e]|\\/.test(returnUrl) || !/^https?:\/\/[^/]/i.test(returnUrl) || !URL.canParse(returnUrl)) return false
    const { protocol, hostname, origin, username, password } = new URL(returnUrl)
    if (username !== '' || password !== '') return false
    return exact.has(origin) || anyPort.has(`${protocol}//${hostname}`)
  }
}
