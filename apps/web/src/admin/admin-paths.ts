/** Paths of the back office's pages. Ids come from the site, so they are encoded. */
export const entityAdminPath = (entityId: string): string => `/entities/${encodeURIComponent(entityId)}`

export const productAdminPath = (productId: string): string => `/products/${encodeURIComponent(productId)}`

export const userAdminPath = (userId: string): string => `/users/${encodeURIComponent(userId)}`

export const entitySalesPath = (entityId: string): string => `/sales/${encodeURIComponent(entityId)}`
