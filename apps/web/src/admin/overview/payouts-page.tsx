import type { Outputs } from '@pay-to-view/client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useSearchParams } from 'wouter'
import { cursorPages } from '../../components/cursor-pages.ts'
import { ErrorNotice, Loading, Notice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { ScrollRegion } from '../../components/scroll-region.tsx'
import { ShowMore } from '../../components/show-more.tsx'
import { useShop, useUser } from '../../context.tsx'
import { formatDay, formatMoney } from '../../format.ts'
import './overview.css'
import { ownTimeZone } from '../time-zones.ts'
import { ReportDownload } from './report-download.tsx'

type Payout = Outputs['admin']['reports']['payouts']['items'][number]

const pageSize = 50

/** Stripe's payouts, newest first, each with its contents. */
const PayoutsPage = () => {
  const { client } = useShop()
  const user = useUser()
  const pages = useInfiniteQuery({
    queryKey: ['admin', user, 'reports', 'payouts'],
    queryFn: ({ pageParam }) => client.admin.reports.payouts.query({ limit: pageSize, cursor: pageParam }),
    ...cursorPages,
  })
  const payouts = pages.data?.pages.flatMap(({ items }) => items)
  return (
    <Page title="Payouts">
      <p>
        <Link href="/">Overview</Link>
      </p>
      <p className="muted">
        Stripe's payouts and their contents. “Other” is everything that is not a sale, such as payments from other systems.
      </p>
      {pages.isPending && <Loading />}
      {pages.isError && !payouts && <ErrorNotice error={pages.error} retry={() => void pages.refetch()} />}
      {payouts?.length === 0 && <Notice title="No payouts">Stripe has not paid out anything yet.</Notice>}
      {payouts && payouts.length > 0 && <PayoutTable payouts={payouts} />}
      <ShowMore query={pages} name="payouts" />
    </Page>
  )
}

/** On a phone, the first four columns are visible without scrolling. */
const columns = ['Created', 'Amount', 'Difference', 'Contents', 'Status', 'Purchases', 'Refunds', 'Disputes', 'Fees', 'Other']

const PayoutTable = ({ payouts }: { payouts: readonly Payout[] }) => (
  <ScrollRegion className="report-table" aria-label="Payouts">
    <table>
      <thead>
        <tr>
          {columns.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {payouts.map((payout) => (
          <PayoutRow key={payout.id} payout={payout} />
        ))}
      </tbody>
    </table>
  </ScrollRegion>
)

/** Formats a payout date. Stripe's payout dates are days in UTC. */
const formatUtcDay = (iso: string): string => formatDay(iso.slice(0, 10))

const PayoutRow = ({ payout }: { payout: Payout }) => {
  const { id, createdAt, arrivalDate, status, currency, amount, purchases, refunds, disputes, fees, other, difference } = payout
  const money = (value: number): string => formatMoney(value, currency)
  const [search] = useSearchParams()
  return (
    <tr>
      <th scope="row">
        {formatUtcDay(createdAt)}
        <small>
          <code>{id}</code>
        </small>
      </th>
      <td>
        {money(amount)}
        <small>{currency.toUpperCase()}</small>
      </td>
      <td className={difference ? 'error-text' : ''}>{difference === null ? 'Not known yet' : money(difference)}</td>
      <td>
        <ReportDownload
          filter={[
            ['payoutId', id],
            ['timezone', search.get('timezone') || ownTimeZone()],
          ]}
          fileName={`${id}.csv`}
        >
          CSV<span className="visually-hidden"> for the payout on {formatUtcDay(createdAt)}</span>
        </ReportDownload>
      </td>
      <td>
        {status.replaceAll('_', ' ')}
        <small>
          {status === 'paid' ? 'arrived' : 'arrives'} {formatUtcDay(arrivalDate)}
        </small>
      </td>
      <PartCell part={purchases} currency={currency} />
      <PartCell part={taken(refunds)} currency={currency} />
      <PartCell part={taken(disputes)} currency={currency} />
      <td>{money(0 - fees)}</td>
      <td>{money(other)}</td>
    </tr>
  )
}

/** Refunds, disputes and fees reduce a payout, so their amounts are negated. Unlike `-x`, `0 - x` is never negative zero. */
const taken = ({ count, amount }: Payout['refunds']): Payout['refunds'] => ({ count, amount: 0 - amount })

const PartCell = ({ part: { amount, count }, currency }: { part: Payout['refunds']; currency: string }) => (
  <td>
    {formatMoney(amount, currency)}
    <small>{count}</small>
  </td>
)

export default PayoutsPage
