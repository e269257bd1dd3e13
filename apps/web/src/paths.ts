/** Reads an id from a path. The router decodes only some characters of the path. */
export const idOfPath = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** The page of an entity. Ids come from the site, so they are encoded. */
export const entityPath = (entityId: string): string => `/e/${encodeURIComponent(entityId)}`

/** The page that plays an entity. */
export const watchPath = (entityId: string): string => `/watch/${encodeURIComponent(entityId)}`
