import { type Access, accessPhase, type Consent, type PromotionCodeReason } from '@pay-to-view/react'
import { Link } from 'wouter'
import { CountdownTo } from '../components/countdown.tsx'
import { Notice } from '../components/notice.tsx'
import { formatCount } from '../format.ts'
import { watchPath } from '../paths.ts'
import { accessText, nextRentalText } from './access-text.ts'
import { ProductList } from './price-list.tsx'
import type { Price, Product } from './product.ts'
import { renewalAction, renewalProducts, renewalResult, renewalTitle, useIsOwnAccess } from './renewal.ts'

interface OwnedProps {
  entityId: string
  access: Access
  /** The products that are on sale. */
  products: Product[]
  /** Why a renewal's promotion code was rejected, or null. */
  rejection: PromotionCodeReason | null
  consent: Consent
  renew: (product: Product, price: Price) => void
  reset: () => void
}

/** Shows the user's current or future access, and the products that extend it. */
export const Owned = ({ entityId, access, products, rejection, consent, renew, reset }: OwnedProps) => {
  const offered = renewalProducts(access, products, useIsOwnAccess(entityId, access))
  return (
    <>
      <Notice title={accessText(access)} tone="good">
        <AccessNote access={access} />
        <p>
          <Link className="button" href={watchPath(entityId)}>
            {access.hasAccess ? 'Watch now' : 'Open'}
          </Link>
        </p>
      </Notice>
      {offered.length > 0 && (
        <ProductList
          heading={renewalTitle(offered)}
          products={offered}
          action={renewalAction}
          result={(product) => renewalResult(access, product)}
          rejection={rejection}
          consent={consent}
          buy={renew}
          reset={reset}
        />
      )}
    </>
  )
}

const AccessNote = ({ access }: { access: Access }) => {
  const phase = accessPhase(access)
  if (phase.phase === 'startable')
    return <p>After you start watching, you have {formatCount(phase.watchWithinHours, 'hour')} to finish.</p>
  if (phase.phase === 'upcoming')
    return (
      <p>
        <CountdownTo to={phase.startsAt} before="Starts in" over="Starting…" />
      </p>
    )
  if (phase.phase === 'limited' && (access.rental !== null || phase.next !== null))
    return (
      <p>
        <CountdownTo to={phase.expiresAt} before="Ends in" over="Ending…" />
        {phase.next && <>. {nextRentalText(phase)}</>}
      </p>
    )
  return null
}
