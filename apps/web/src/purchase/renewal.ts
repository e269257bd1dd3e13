import { type Access, accessPhase, renewedUntil } from '@pay-to-view/react'
import { useQuery } from '@tanstack/react-query'
import { useShop, useUser } from '../context.tsx'
import { formatCount, formatDateTime } from '../format.ts'
import type { Product } from './product.ts'

const isPermanent = ({ accessDurationDays, rental }: Product): boolean => accessDurationDays === null && rental === null

/**
 * The products that extend the user's access. A permanent product extends any access that ends. A product for a limited time
 * extends only the user's own access to this entity, and only if this access has started and no other rental is waiting to be
 * started.
 */
export const renewalProducts = (access: Access, products: readonly Product[], isOwnAccess: boolean): Product[] => {
  const phase = accessPhase(access)
  if (phase.phase === 'none' || phase.phase === 'permanent' || access.expiresAt === null) return []
  const canAddTime = phase.phase === 'limited' && phase.next === null && isOwnAccess
  return products.filter((product) => product.onSale && (isPermanent(product) || canAddTime))
}

/** Whether the user has access to the entity itself, not only through a channel or bundle that includes it. */
export const useIsOwnAccess = (entityId: string, access: Access | undefined): boolean => {
  const { client } = useShop()
  const user = useUser()
  const purchaseId = access?.purchaseId ?? null
  const purchase = useQuery({
    queryKey: ['purchase-of-access', user, purchaseId],
    queryFn: () => client.purchases.get.query({ id: purchaseId ?? '' }),
    enabled: purchaseId !== null,
    staleTime: Number.POSITIVE_INFINITY,
  })
  return purchaseId === null || purchase.data?.entityId === entityId
}

/** The text for the heading and for links to these products. */
export const renewalTitle = (products: readonly Product[]): string => {
  const permanent = products.filter(isPermanent)
  if (permanent.length === 0) return 'Renew'
  return permanent.length === products.length ? 'Buy to keep' : 'Renew or buy to keep'
}

export const renewalAction = (product: Product): string => (isPermanent(product) ? 'Buy' : 'Renew')

/** Says when access ends after a renewal. Null for permanent access. */
export const renewalResult = (access: Access, product: Product): string | null => {
  const until = renewedUntil(access, product)
  if (!until) return null
  const time = formatDateTime(until.toISOString())
  return product.rental
    ? `${access.rental === null ? 'Start' : 'Start again'} by ${time}, then watch for ${formatCount(product.rental.watchWithinHours, 'hour')}`
    : `Access until ${time}`
}
