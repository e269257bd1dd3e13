/** Copies a JSON value; `convert` receives each property and returns its new value. */
export const mapProperties = (value: unknown, convert: (key: string, value: unknown) => unknown): unknown => {
  if (Array.isArray(value)) return value.map((item) => mapProperties(item, convert))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapProperties(convert(key, item), convert)]))
}

/** A workflow history as JSON, with payloads as text instead of base64, as the Temporal UI shows them. */
export const decodePayloads = (json: string): string =>
  JSON.stringify(
    mapProperties(JSON.parse(json), (key, value) =>
      (key === 'data' || key === 'encoding') && typeof value === 'string' ? Buffer.from(value, 'base64').toString() : value,
    ),
  )
