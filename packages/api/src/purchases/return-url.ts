/**
 * Whether a return URL is on an allowed origin. `allowed` holds exact origins; one that ends in `:*` allows any port of its host.
 * Anything a browser could read differently from us is refused: other schemes, user info, backslashes, control characters,
 * anything that is not ASCII (write it percent-encoded).
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
