import { priceParts, useConsentTerms } from '@pay-to-view/react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { InvoiceLinks } from '../components/invoice-links.tsx'
import { ErrorNotice, Loading, SignedOutNotice } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { useUser } from '../context.tsx'
import { formatCount, formatMoney, formatZonedTime } from '../format.ts'
import { formatAmount, formatTotal, priceLines } from '../money/price-lines.ts'
import { entityPath, watchPath, withdrawPath } from '../paths.ts'
import { checkoutState, isPayable } from '../purchase/checkout-state.ts'
import { canceledText, isUpcoming, statusLine } from '../purchase/status-text.ts'
import { type PurchaseDetails, usePurchaseDetails } from '../purchase/use-purchase-details.ts'
import { isWithdrawable } from '../purchase/withdrawable.ts'

/** One of the user's purchases. Printed, this page is the receipt. */
export const Receipt = ({ id }: { id: string }) => {
  const user = useUser()
  const details = usePurchaseDetails(id)
  const isWithdrawalOffered = Boolean(useConsentTerms())
  if (user === null || !details.data) {
    return (
      <Page title="Your purchase">
        {user === null && <SignedOutNotice />}
        {user !== null && details.isError && <ErrorNotice error={details.error} retry={() => void details.refetch()} />}
        {details.isLoading && <Loading />}
      </Page>
    )
  }
  const { purchase, canceledAt } = details.data
  return (
    <Page title={purchase.completedAt ? 'Receipt' : 'Your purchase'}>
      <dl className="receipt">
        {receiptLines(details.data, user).map(
          ([name, value]) =>
            value && (
              <div key={name}>
                <dt>{name}</dt>
                <dd dir="auto">{value}</dd>
              </div>
            ),
        )}
      </dl>
      <p className="actions no-print">
        <button type="button" onClick={() => window.print()}>
          Print
        </button>
        {purchase.hasAccess ? (
          <Link href={watchPath(purchase.entityId)}>Watch now</Link>
        ) : isUpcoming(purchase) ? (
          <Link href={watchPath(purchase.entityId)}>Open</Link>
        ) : isPayable(purchase) ? (
          <Link href={entityPath(purchase.entityId)} state={checkoutState(purchase.purchaseId)}>
            Continue checkout
          </Link>
        ) : (
          canceledText(purchase, canceledAt) === null && <Link href={entityPath(purchase.entityId)}>See purchase options</Link>
        )}
        <Link href="/purchases">My purchases</Link>
        {isWithdrawalOffered && isWithdrawable(purchase) && <Link href={withdrawPath(id)}>Withdraw from contract</Link>}
      </p>
    </Page>
  )
}

const receiptLines = (
  { purchase, title, canceledAt }: NonNullable<ReturnType<typeof usePurchaseDetails>['data']>,
  user: string,
): [string, ReactNode][] => {
  const { completedAt } = purchase
  const parts = priceParts(purchase)
  return [
    ['Item', purchase.description ?? title],
    ['Status', statusLine(purchase, canceledAt)],
    ['Ordered', formatZonedTime(purchase.createdAt)],
    ['Price', parts === null && formatAmount(purchase)],
    ['Promotion code', parts === null && purchase.promotionCode],
    ...priceLines(purchase),
    ['Total', parts?.total === 0 && formatTotal(parts)],
    ['Paid', parts && parts.total > 0 && completedAt && `${formatTotal(parts)}, ${formatZonedTime(completedAt)}`],
    ...accessLines(purchase),
    ['Refunded', parts && parts.refunded > 0 && formatMoney(parts.refunded, parts.currency)],
    [
      'Consent',
      purchase.consent &&
        `Access before the withdrawal period ends, and loss of the right of withdrawal with the first playback: agreed on ${formatZonedTime(purchase.consent.at)} (version ${purchase.consent.version})`,
    ],
    ['Withdrawn', purchase.withdrawnAt && formatZonedTime(purchase.withdrawnAt)],
    ['Invoice', purchase.invoiceUrl && <InvoiceLinks page={purchase.invoiceUrl} pdf={purchase.invoicePdfUrl} />],
    ['Buyer', user],
    ['Seller', 'Silent House'],
    ['Order number', purchase.purchaseId],
    ['Payment ID', purchase.externalTransactionId],
  ]
}

const accessLines = (purchase: PurchaseDetails): [string, ReactNode][] => {
  const { hasAccess, startsAt, expiresAt, rental } = purchase
  if (startsAt === null || !(hasAccess || isUpcoming(purchase))) return []
  if (rental === null) {
    return [
      ['Access from', formatZonedTime(startsAt)],
      expiresAt === null ? ['Access', 'Permanent'] : ['Access until', formatZonedTime(expiresAt)],
    ]
  }
  if (rental.startedAt === null) {
    return [
      ['Access from', formatZonedTime(startsAt)],
      ['Start by', expiresAt && formatZonedTime(expiresAt)],
      ['Then watch for', formatCount(rental.watchWithinHours, 'hour')],
    ]
  }
  return [
    ['First played', formatZonedTime(rental.startedAt)],
    ['Access until', expiresAt && formatZonedTime(expiresAt)],
  ]
}
