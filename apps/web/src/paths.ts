/** Decodes an id in a path. The router decodes only some characters. */
export const idOfPath = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** Path of the entity page. The site chooses the ids, so an id may contain characters that must be encoded. */
export const entityPath = (entityId: string): string => `/e/${encodeURIComponent(entityId)}`

/** Path of the page that plays an entity. */
export const watchPath = (entityId: string): string => `/watch/${encodeURIComponent(entityId)}`
