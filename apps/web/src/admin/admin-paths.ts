/** Paths of the back office's pages. The site chooses the ids, so an id may contain characters that must be encoded. */
export const entityAdminPath = (entityId: string): string => `/entities/${encodeURIComponent(entityId)}`

export const productAdminPath = (productId: string): string => `/products/${encodeURIComponent(productId)}`

export const userAdminPath = (userId: string): string => `/users/${encodeURIComponent(userId)}`

export const entitySalesPath = (entityId: string): string => `/sales/${encodeURIComponent(entityId)}`
