import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { useShop, useUser } from '../context.tsx'
import { moment, money } from '../format.ts'
import { Failure, SignedOut, Waiting } from '../parts/notice.tsx'
import { Page } from '../parts/page.tsx'
import { meaning, statusName } from '../purchase/meaning.ts'

/** One purchase of the viewer's; printed, it is the receipt. */
export const Receipt = ({ id }: { id: string }) => {
  const { client } = useShop()
  const user = useUser()
  const found = useQuery({
    queryKey: ['purchase', user, id],
    queryFn: async () => {
      const purchase = await client.purchases.get.query({ id })
      const { title } = await client.entities.get.query({ entityId: purchase.entityId })
      return { purchase, title }
    },
    enabled: user !== null,
    refetchOnMount: 'always',
    refetchInterval: 15_000,
  })
  if (user === null || !found.data) {
    return (
      <Page title="Your purchase">
        {user === null && <SignedOut />}
        {user !== null && found.isError && <Failure error={found.error} retry={() => void found.refetch()} />}
        {found.isLoading && <Waiting what="Fetching it …" />}
      </Page>
    )
  }
  const { purchase, title } = found.data
  const paidIn = purchase.currencyPaid ?? purchase.currency
  const lines = [
    ['What', purchase.description ?? title],
    ['State', `${statusName(purchase.status)}. ${meaning(purchase)}.`],
    ['Ordered', moment(purchase.createdAt)],
    ['Paid', purchase.completedAt && `${money(purchase.amountPaid, paidIn)}, ${moment(purchase.completedAt)}`],
    ['Access', purchase.hasAccess && (purchase.expiresAt === null ? 'Without an end' : `Until ${moment(purchase.expiresAt)}`)],
    ['Refunded', purchase.amountRefunded > 0 && money(purchase.amountRefunded, paidIn)],
    ['Buyer', user],
    ['Seller', 'Silent House'],
    ['Number', purchase.purchaseId],
    ['Payment', purchase.externalTransactionId],
  ] as const
  return (
    <Page title={purchase.completedAt ? 'Receipt' : 'Your purchase'}>
      <dl className="receipt">
        {lines.map(
          ([name, value]) =>
            value && (
              <div key={name}>
                <dt>{name}</dt>
                <dd dir="auto">{value}</dd>
              </div>
            ),
        )}
      </dl>
      <p className="ways no-print">
        <button type="button" onClick={() => window.print()}>
          Print
        </button>
        <Link href={purchase.hasAccess ? `/watch/${purchase.entityId}` : `/e/${purchase.entityId}`}>
          {purchase.hasAccess ? (
            <>
              Open <bdi>{title}</bdi>
            </>
          ) : (
            'See the prices'
          )}
        </Link>
        <Link href="/purchases">My purchases</Link>
      </p>
    </Page>
  )
}
