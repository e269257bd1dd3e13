import {
  type Access,
  type ConsentTerms,
  type PromotionCodeReason,
  type Purchase,
  type PurchaseItem,
  useAccess,
  useConsent,
} from '@pay-to-view/react'
import { type ReactNode, useEffect, useState } from 'react'
import { Link } from 'wouter'
import { ErrorNotice, Loading, Notice } from '../components/notice.tsx'
import { promotionCodeSent, setPromotionCode, usePromotionCode } from '../money/promotion-code.ts'
import { purchasePath } from '../paths.ts'
import { isCodeLimited } from '../user-message.ts'
import { Checkout } from './checkout.tsx'
import { isPayable, reopen } from './checkout-state.ts'
import { Canceled, Ended } from './ended.tsx'
import { Owned } from './owned.tsx'
import { PriceChange, PriceList } from './price-list.tsx'
import type { Price, Product } from './product.ts'
import { canceledText, lostAccessText, pendingTexts } from './status-text.ts'
import { TooManyCodes } from './too-many-codes.tsx'

interface PurchaseStepViewProps {
  entityId: string
  title: string
  products: Product[]
  notOnSale: string | null
  /** When the entity was canceled, or null. */
  canceledAt: string | null
  /** When playback becomes available, if the entity can be bought earlier; otherwise null. */
  opensAt: string | null
  /** The acknowledgments that the buyer must give, or null if the site requires none. */
  consentTerms: ConsentTerms | null
  purchase: Purchase
}

export const PurchaseStepView = ({
  entityId,
  title,
  products,
  notOnSale,
  canceledAt,
  opensAt,
  consentTerms,
  purchase,
}: PurchaseStepViewProps) => {
  /** The product and price that were shown when the user selected them. */
  const [selected, setSelected] = useState<{ product: Product; price: Price; renew: boolean } | null>(null)
  const code = usePromotionCode()
  /** True if, since the page was loaded, the server has begun to require consent or has changed the consent texts. */
  const isConsentMissing = purchase.step === 'failed' && purchase.rejection?.code === 'consent_required'
  const consent = useConsent(consentTerms, { isRejected: isConsentMissing })
  const { data: access } = useAccess(entityId)
  const buy = (product: Product, price: Price, { renew = false, usesCode = product.allowPromotionCodes } = {}) => {
    if (!consent.check()) return
    setSelected({ product, price, renew })
    const promotionCode = usesCode ? code : undefined
    promotionCodeSent(promotionCode)
    purchase.buy(product.id, {
      currency: price.currency,
      promotionCode,
      ...(renew && { renew }),
      ...(consent.value && { consent: consent.value }),
    })
  }
  const rejection = rejectionOf(purchase)
  const showOwned = (owned: Access) => (
    <Owned
      entityId={entityId}
      access={owned}
      products={notOnSale === null ? products : []}
      rejection={rejection}
      consent={consent}
      renew={(product, price) => buy(product, price, { renew: true })}
      reset={purchase.reset}
    />
  )
  // A renewal's promotion code was rejected, or the consent for the renewal is missing.
  if ((rejection !== null || isConsentMissing) && access?.hasAccess) return showOwned(access)
  if (purchase.step === 'offer' || rejection !== null || isConsentMissing) {
    const lastPurchase = purchase.step === 'offer' ? purchase.lastPurchase : null
    if (lastPurchase && canceledText(lastPurchase, canceledAt))
      return <Canceled purchase={lastPurchase} canceledAt={canceledAt} />
    return (
      <>
        {lastPurchase && <LastPurchase purchase={lastPurchase} buy={purchase.buy} />}
        <PriceList
          products={products}
          notOnSale={notOnSale}
          opensAt={opensAt}
          rejection={rejection}
          consent={consent}
          buy={buy}
          reset={purchase.reset}
        />
      </>
    )
  }
  switch (purchase.step) {
    case 'unlocked':
    case 'upcoming':
      return showOwned(purchase.access)
    case 'unlocking':
      return <Unlocking title={title} />
    case 'loading':
      return <Loading label="Checking your access…" />
    case 'creating':
      return <Loading label="Preparing checkout…" />
    case 'failed':
      return (
        <Failed
          purchase={purchase}
          buyWithoutCode={
            selected &&
            (() => {
              setPromotionCode('')
              buy(selected.product, selected.price, { renew: selected.renew, usesCode: false })
            })
          }
        />
      )
    case 'checkout':
      return (
        <CheckoutForm purchase={purchase}>
          <PriceChange selected={selected} products={products} />
        </CheckoutForm>
      )
    case 'ended':
      return <Ended purchase={purchase.purchase} canceledAt={canceledAt} reset={purchase.reset} />
    case 'waiting':
      return <Waiting purchase={purchase} />
    default:
      return purchase satisfies never
  }
}

const CheckoutForm = ({
  purchase: { purchaseId, clientSecret, completeCheckout, reset },
  children,
}: {
  purchase: Extract<Purchase, { step: 'checkout' }>
  children: ReactNode
}) => (
  <>
    {children}
    <Checkout key={purchaseId} clientSecret={clientSecret} onComplete={completeCheckout} />
    <button type="button" className="secondary" onClick={reset}>
      Change option
    </button>
  </>
)

const Unlocking = ({ title }: { title: string }) => (
  <>
    <Notice title="Thank you" tone="good">
      <Loading label={`Opening ${title}…`} />
    </Notice>
    <SlowPaymentNotice />
  </>
)

interface FailedProps {
  purchase: Extract<Purchase, { step: 'failed' }>
  /** Buys the selected option without the promotion code; null if no option was selected. */
  buyWithoutCode: (() => void) | null
}

const Failed = ({ purchase: { error, retry, reset }, buyWithoutCode }: FailedProps) => {
  if (buyWithoutCode && isCodeLimited(error)) return <TooManyCodes error={error} buyWithoutCode={buyWithoutCode} reset={reset} />
  return (
    <ErrorNotice
      error={error}
      retry={retry}
      fallbackAction={
        <button type="button" onClick={reset}>
          Change option
        </button>
      }
    />
  )
}

const Waiting = ({ purchase: { purchaseId, reason } }: { purchase: Extract<Purchase, { step: 'waiting' }> }) => {
  const { title, text } = pendingTexts[reason]
  return (
    <Notice title={title}>
      <p>{text}</p>
      <p>
        <Link href={purchasePath(purchaseId)}>Purchase details</Link>
      </p>
    </Notice>
  )
}

/** Why the promotion code was rejected, or null if it was not. */
const rejectionOf = (purchase: Purchase): PromotionCodeReason | null =>
  purchase.step === 'failed' && purchase.rejection?.code === 'promotion_code_invalid' ? purchase.rejection.reason : null

/** Shown above the prices if the last purchase is unpaid, has failed or no longer gives access. */
const LastPurchase = ({ purchase, buy }: { purchase: PurchaseItem; buy: Purchase['buy'] }) => {
  if (isPayable(purchase)) {
    return (
      <p className="last-purchase">
        <strong>You have an unpaid checkout.</strong> You haven't been charged.{' '}
        <button type="button" className="secondary" onClick={() => reopen(buy, purchase)}>
          Continue checkout
        </button>
      </p>
    )
  }
  const explanation =
    purchase.status === 'Failed' ? { title: 'Your last payment failed', text: "You weren't charged." } : lostAccessText(purchase)
  if (explanation === null) return null
  return (
    <p className="last-purchase">
      <strong>{explanation.title}.</strong> {explanation.text}{' '}
      <Link href={purchasePath(purchase.purchaseId)}>Purchase details</Link>
    </p>
  )
}

/** Appears after a few seconds, because a bank debit may take days to settle after the buyer has submitted the form. */
const SlowPaymentNotice = () => {
  const [isSlow, setSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 8_000)
    return () => clearTimeout(timer)
  }, [])
  if (!isSlow) return null
  return (
    <p role="status">
      This is taking longer than usual. Some banks need a few days. You can close this page and check the status in{' '}
      <Link href="/purchases">My purchases</Link>.
    </p>
  )
}
