import type { Outputs } from '@pay-to-view/client'
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
              const grant = { ...fields, ...ofPurchase, purchaseId, userId, createdAt: fields.startsAt }
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

/** Shown only for complimentary and imported grants. */
const ofPurchase = { source: 'purchase', reason: null, grantedBy: null, reference: null } as const
