import type { Outputs } from '@pay-to-view/client'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { ErrorNotice, Loading, SignedOutNotice } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { useShop, useUser } from '../context.tsx'
import { formatDateTime, formatMoney } from '../format.ts'
import { entityPath, watchPath } from '../paths.ts'
import { checkoutState, isPayable } from '../purchase/checkout-state.ts'
import { statusDescription, statusName } from '../purchase/status-text.ts'

/** One of the user's purchases. Printed, this page is the receipt. */
export const Receipt = ({ id }: { id: string }) => {
  const { client } = useShop()
  const user = useUser()
  const details = useQuery({
    queryKey: ['purchase', user, id],
    queryFn: async () => {
      const purchase = await client.purchases.get.query({ id })
      if (purchase.description !== null) return { purchase, title: purchase.description }
      const { title } = await client.entities.get.query({ id: purchase.entityId })
      return { purchase, title }
    },
    enabled: user !== null,
    refetchOnMount: 'always',
    refetchInterval: 15_000,
  })
  if (user === null || !details.data) {
    return (
      <Page title="Your purchase">
        {user === null && <SignedOutNotice />}
        {user !== null && details.isError && <ErrorNotice error={details.error} retry={() => void details.refetch()} />}
        {details.isLoading && <Loading />}
      </Page>
    )
  }
  const { purchase, title } = details.data
  return (
    <Page title={purchase.completedAt ? 'Receipt' : 'Your purchase'}>
      <dl className="receipt">
        {receiptLines(purchase, title, user).map(
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
        ) : isPayable(purchase) ? (
          <Link href={entityPath(purchase.entityId)} state={checkoutState(purchase.purchaseId)}>
            Continue payment
          </Link>
        ) : (
          <Link href={entityPath(purchase.entityId)}>View options</Link>
        )}
        <Link href="/purchases">My purchases</Link>
      </p>
    </Page>
  )
}

const receiptLines = (purchase: Outputs['purchases']['get'], title: string, user: string) => {
  const paidCurrency = purchase.currencyPaid ?? purchase.currency
  return [
    ['Item', purchase.description ?? title],
    ['Status', `${statusName(purchase.status)}. ${statusDescription(purchase)}.`],
    ['Ordered', formatDateTime(purchase.createdAt)],
    [
      'Paid',
      purchase.completedAt && `${formatMoney(purchase.amountPaid, paidCurrency)}, ${formatDateTime(purchase.completedAt)}`,
    ],
    ['Access', purchase.hasAccess && (purchase.expiresAt === null ? 'Permanent' : `Until ${formatDateTime(purchase.expiresAt)}`)],
    ['Refunded', purchase.amountRefunded > 0 && formatMoney(purchase.amountRefunded, paidCurrency)],
    ['Buyer', user],
    ['Seller', 'Silent House'],
    ['Order number', purchase.purchaseId],
    ['Payment ID', purchase.externalTransactionId],
  ] as const
}
