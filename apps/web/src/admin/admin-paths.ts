import { encodeId } from '../paths.ts'

/** Paths of the back office's pages. The site chooses the ids, so an id may contain characters that must be encoded. */
export const entityAdminPath = (entityId: string): string => `/entities/${encodeId(entityId)}`

export const productAdminPath = (productId: string): string => `/products/${encodeId(productId)}`

export const userAdminPath = (userId: string): string => `/users/${encodeId(userId)}`

export const entitySalesPath = (entityId: string): string => `/sales/${encodeId(entityId)}`
