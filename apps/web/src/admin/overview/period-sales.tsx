import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { ErrorNotice, Loading, Notice } from '../../components/notice.tsx'
import { useShop, useUser } from '../../context.tsx'
import { formatDay, formatMoney } from '../../format.ts'
import { BestTable, bestKinds } from './best-table.tsx'
import { reportGroup } from './buckets.ts'
import { describeChange, type Figures, figureKinds, formatFigure, noFigures, type Report } from './figures.ts'
import { OverTime } from './over-time.tsx'
import { type ChosenPeriod, lastDay, type Period, periodBefore, unfinishedText } from './period.ts'
import { ReportDownload } from './report-download.tsx'

const rangeText = (period: Period): string => {
  const [first, last] = [formatDay(period.from), formatDay(lastDay(period))]
  return first === last ? first : `${first} to ${last}`
}

interface SalesProps {
  period: ChosenPeriod
  search: URLSearchParams
  /** The page's path. */
  path: string
  /** If set, the report includes only this entity's sales. */
  entityId?: string | undefined
}

/** The sales of a period. One currency is shown at a time. */
export const Sales = ({ period, search, path, entityId }: SalesProps) => {
  const { client } = useShop()
  const user = useUser()
  const { from, to, timezone } = period
  const sales = useQuery({
    queryKey: ['admin', user, 'reports', 'sales', entityId, from, to, timezone],
    queryFn: async () => {
      const before = periodBefore({ from, to, timezone })
      const [current, previous] = await Promise.all([
        client.admin.reports.sales.query({ from, to, timezone, entityId, groupBy: reportGroup({ from, to }) }),
        before && client.admin.reports.sales.query({ ...before, entityId, groupBy: 'currency' }),
      ])
      return { current, previous }
    },
  })
  if (sales.isPending) return <Loading />
  if (!sales.data) return <ErrorNotice error={sales.error} retry={() => void sales.refetch()} />
  const { current, previous } = sales.data
  const currencies = current.totals.map(({ currency }) => currency)
  const requested = search.get('currency')?.toLowerCase() || null
  const chosen = currencies.find((currency) => currency === requested) ?? mostSold(current.totals)
  const before = periodBefore(period)
  return (
    <>
      <p className="muted">
        {rangeText(period)}
        {before && `, compared with the preceding period (${rangeText(before)})`}. {unfinishedText(period, new Date())}
      </p>
      {entityId === undefined && <PeriodLinks period={period} />}
      {chosen === undefined ? (
        <Notice title="No sales">
          <p>Nothing was sold, refunded or disputed in this period.</p>
        </Notice>
      ) : (
        <>
          {requested !== null && requested !== chosen && (
            <p role="status">
              There are no sales in {requested.toUpperCase()} in this period. These are the sales in {chosen.toUpperCase()}.
            </p>
          )}
          {currencies.length > 1 && <Currencies totals={current.totals} {...{ chosen, search, path }} />}
          <CurrencySales currency={chosen} {...{ period, entityId, current, previous }} />
        </>
      )}
    </>
  )
}

const PeriodLinks = ({ period }: { period: ChosenPeriod }) => {
  const { from, to, timezone } = period
  return (
    <div className="row">
      <ReportDownload
        filter={[
          ['from', from],
          ['to', to],
          ['timezone', timezone],
        ]}
        fileName={`transactions-${from}-${lastDay(period)}.csv`}
      >
        Transactions as CSV
      </ReportDownload>
      <Link href={`/payouts?${new URLSearchParams({ timezone })}`}>Payouts</Link>
    </div>
  )
}

/** The currency with the most purchases. Amounts in different currencies cannot be compared, so the currency code breaks ties. */
const mostSold = (totals: Report['totals']): string | undefined =>
  totals.toSorted((a, b) => b.purchases - a.purchases || (a.currency < b.currency ? -1 : 1)).at(0)?.currency

interface CurrenciesProps {
  totals: Report['totals']
  chosen: string
  search: URLSearchParams
  path: string
}

const Currencies = ({ totals, chosen, search, path }: CurrenciesProps) => (
  <nav className="currencies" aria-label="Currency">
    {totals.map(({ currency, gross }) => (
      <Link
        key={currency}
        href={`${path}?${new URLSearchParams([...[...search].filter(([name]) => name !== 'currency'), ['currency', currency]])}`}
        aria-current={currency === chosen ? 'page' : undefined}
      >
        <strong>{currency.toUpperCase()}</strong> {formatMoney(gross, currency)}
        <span className="visually-hidden"> gross</span>
      </Link>
    ))}
  </nav>
)

const FeesNote = () => <>Stripe fees and net appear about a minute after a payment, in the currency of your Stripe account. </>

interface CurrencySalesProps {
  period: ChosenPeriod
  currency: string
  entityId: string | undefined
  current: Report
  /** Null if the preceding period is too early to have figures. */
  previous: Report | null
}

const CurrencySales = ({ period, currency, entityId, current, previous }: CurrencySalesProps) => {
  const totalOf = ({ totals }: Report): Figures => totals.find((total) => total.currency === currency) ?? noFigures
  const [figures, before] = [totalOf(current), previous && totalOf(previous)]
  return (
    <section aria-labelledby="currency">
      <h2 id="currency">Sales in {currency.toUpperCase()}</h2>
      <dl className="fields figures">
        {figureKinds.map(({ name, unit, of }) => {
          const change = before && describeChange(of(figures), of(before), unit, currency)
          return (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <strong>{formatFigure(of(figures), unit, currency)}</strong>
                {change && (
                  <small>
                    {change.text}
                    <span className="visually-hidden">{change.context}</span>
                  </small>
                )}
              </dd>
            </div>
          )
        })}
      </dl>
      <p className="muted">
        {figures.gross > 0 && figures.fees === 0 && figures.net === 0 && <FeesNote />}If a refund fails or a dispute is won, its
        amount is removed from the day of the refund or dispute, so past figures can change.
      </p>
      <OverTime period={period} currency={currency} items={current.items} />
      <p className="muted">
        The names below link to the purchases that were created in this period, including unpaid purchases. The figures count
        payments.
      </p>
      <div className="best">
        {bestKinds.map(
          (kind) =>
            (entityId === undefined || kind.groupBy !== 'entity') && (
              <BestTable key={kind.id} {...{ kind, period, currency, entityId }} />
            ),
        )}
      </div>
    </section>
  )
}
