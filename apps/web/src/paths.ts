/** Decodes an id in a path. The router decodes only some characters. */
export const idOfPath = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** Encodes an id for a path or a query string. `%` is encoded twice, because the router decodes it before the id is decoded. */
export const encodeId = (id: string): string => encodeURIComponent(id.replaceAll('%', '%25'))

/** Path of the entity page. The site chooses the ids, so an id may contain characters that must be encoded. */
export const entityPath = (entityId: string): string => `/e/${encodeId(entityId)}`

/** Path of the page that plays an entity. */
export const watchPath = (entityId: string): string => `/watch/${encodeId(entityId)}`

/** Path of a purchase's page, both in the shop and in the back office. */
export const purchasePath = (purchaseId: string): string => `/purchases/${encodeId(purchaseId)}`

/** Path of the page on which a buyer withdraws from a purchase. */
export const withdrawPath = (purchaseId: string): string => `${purchasePath(purchaseId)}/withdraw`
