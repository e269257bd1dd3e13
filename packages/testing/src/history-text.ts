/** Copies a JSON value. `convert` is called for each property and returns the new value. */
export const mapProperties = (value: unknown, convert: (key: string, value: unknown) => unknown): unknown => {
  if (Array.isArray(value)) return value.map((item) => mapProperties(item, convert))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapProperties(convert(key, item), convert)]))
}

/** Returns a workflow history as JSON with payloads decoded from base64, as in the Temporal UI. */
export const decodePayloads = (json: string): string =>
  JSON.stringify(
    mapProperties(JSON.parse(json), (key, value) =>
      (key === 'data' || key === 'encoding') && typeof value === 'string' ? Buffer.from(value, 'base64').toString() : value,
    ),
  )
