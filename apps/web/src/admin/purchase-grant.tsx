import type { Outputs } from '@pay-to-view/client'
import { SYSTEM_ACTOR } from '@pay-to-view/purchase'
import { isFreeOrder } from '@pay-to-view/react'
import { GrantActions, GrantButtons } from './users/grant-actions.tsx'
import { GrantRow } from './users/grant-row.tsx'

type Purchase = Outputs['admin']['purchases']['get']

/** The access that a purchase gives or gave: its start, first playback, extension and expiry. */
export const PurchaseGrant = ({ purchase }: { purchase: Purchase }) => {
  const { purchaseId, userId, entityTitle } = purchase
  if (purchase.grants.length === 0) return null
  return (
    <section aria-labelledby="purchase-access">
      <h2 id="purchase-access">Access</h2>
      <GrantActions>
        {(start) => (
          <ul className="rows" aria-label="Access">
            {purchase.grants.map((fields) => {
              const watchWithinHours = purchase.rental?.watchWithinHours ?? null
              const grant = {
                ...{ ...fields, ...ofPurchase, ...revocation(purchase, fields) },
                ...{ purchaseId, userId, watchWithinHours, createdAt: fields.startsAt },
              }
              return (
                <GrantRow key={grant.grantId} grant={grant} entityTitle={entityTitle} hasPurchaseLink={false}>
                  <GrantButtons grant={grant} title={entityTitle} start={start} />
                </GrantRow>
              )
            })}
          </ul>
        )}
      </GrantActions>
    </section>
  )
}

/**
 * Returns who revoked the access, and why. If a refund revoked it, this is the person who requested the refund. A free order is
 * not refunded, so no reason is shown.
 */
const revocation = (purchase: Purchase, { revokedBy, revokedReason }: Purchase['grants'][number]) => {
  if (revokedBy !== SYSTEM_ACTOR || purchase.status !== 'Refunded') return { revokedBy, revokedReason }
  const request = purchase.refundRequests.findLast(({ error }) => error === null)
  return { revokedBy: request?.requestedBy ?? revokedBy, revokedReason: isFreeOrder(purchase) ? null : revokedReason }
}

/** These fields are shown only for complimentary and imported grants. */
const ofPurchase = { source: 'purchase', reason: null, grantedBy: null, reference: null } as const
