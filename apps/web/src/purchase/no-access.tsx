import { pendingReason } from '@pay-to-view/react'
import { useQuery } from '@tanstack/react-query'
import type { RefObject } from 'react'
import { Link } from 'wouter'
import { ErrorNotice, Loading, Notice } from '../components/notice.tsx'
import { useShop, useUser } from '../context.tsx'
import { entityPath, purchasePath } from '../paths.ts'
import { canceledText, noAccessText } from './status-text.ts'

/** An entity may be in up to 100 containers; only the first few are checked. */
const maxContainers = 20

interface NoAccessProps {
  entityId: string
  containerIds: readonly string[]
  /** When the entity was canceled, or null. */
  canceledAt: string | null
  /** Whether the player that this notice replaces had the focus. */
  hadFocus: RefObject<boolean>
}

/** Explains why the user has no access, based on the user's last purchase of the entity or its containers, and links to the next step. */
export const NoAccess = ({ entityId, containerIds, canceledAt, hadFocus }: NoAccessProps) => {
  const { client } = useShop()
  const user = useUser()
  const lastPurchase = useQuery({
    queryKey: ['last-purchase', user, entityId, containerIds],
    queryFn: async () => {
      const pages = await Promise.all(
        [entityId, ...containerIds.slice(0, maxContainers)].map((id) => client.purchases.list.query({ entityId: id })),
      )
      const paid = pages.flatMap(({ items }) => items).filter((purchase) => noAccessText(purchase) !== null)
      const purchase = paid.sort((a, b) => b.createdAt.localeCompare(a.createdAt))[0]
      if (!purchase) return null
      // The purchase may be of a container, which may have been canceled. The API does not return a container that is no longer visible.
      const entity = await client.entities.get.query({ id: purchase.entityId }).catch(() => null)
      return { purchase, canceledAt: entity?.canceledAt ?? null }
    },
    // Access has just ended, so cached data is stale. The query polls, because the server pushes new access but does not push
    // other changes to a purchase.
    refetchOnMount: 'always',
    refetchInterval: 5_000,
  })
  if (lastPurchase.isPending) return <Loading label="Checking your access…" />
  if (lastPurchase.data === undefined) return <ErrorNotice error={lastPurchase.error} retry={() => void lastPurchase.refetch()} />
  const purchase = lastPurchase.data?.purchase ?? null
  const explanation = purchase && (canceledText(purchase, lastPurchase.data?.canceledAt ?? canceledAt) ?? noAccessText(purchase))
  return (
    <Notice
      title={explanation?.title ?? (canceledAt === null ? "You don't have access" : 'This event was canceled')}
      hadFocus={hadFocus}
    >
      {/* The user may have bought a container that is no longer public, so this does not say that the user has not bought it. */}
      <p>{explanation?.text ?? 'None of your purchases gives access to this now.'}</p>
      <p className="actions">
        {canceledAt === null && !(purchase && pendingReason(purchase)) && (
          <Link className="button" href={entityPath(entityId)}>
            See purchase options
          </Link>
        )}
        <Link href={purchase ? purchasePath(purchase.purchaseId) : '/purchases'}>
          {purchase ? 'Purchase details' : 'My purchases'}
        </Link>
      </p>
    </Notice>
  )
}
