/** A random id. `crypto.randomUUID` is unavailable on pages served over plain HTTP. */
export const newRequestId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
