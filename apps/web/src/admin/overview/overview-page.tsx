import { useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { Link, useSearchParams } from 'wouter'
import { ErrorNotice, Loading, Notice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { useShop, useUser } from '../../context.tsx'
import { formatMoney } from '../../format.ts'
import { BestTable, bestKinds } from './best-table.tsx'
import { formatDay } from './buckets.ts'
import { describeChange, type Figures, figureKinds, formatFigure, noFigures, type Report } from './figures.ts'
import { OverTime } from './over-time.tsx'
import './overview.css'
import { type ChosenPeriod, isRunning, lastDay, type Period, periodBefore, readPeriod } from './period.ts'
import { PeriodForm } from './period-form.tsx'
import { ReportDownload } from './report-download.tsx'

/** The sales of a period. The period, the time zone and the currency are in the query string. */
const OverviewPage = () => {
  const [search, setSearch] = useSearchParams()
  const change = useCallback(
    (parameters: Record<string, string | null>) =>
      setSearch((current) => {
        const next = new URLSearchParams(current)
        for (const [name, value] of Object.entries(parameters)) {
          if (value === null) next.delete(name)
          else next.set(name, value)
        }
        return next
      }),
    [setSearch],
  )
  const period = readPeriod(search, new Date())
  return (
    <Page title="Overview">
      {'error' in period ? (
        <Notice title="The period can't be read" tone="bad">
          <p>{period.error}</p>
          <Link href="/overview">The last 30 days</Link>
        </Notice>
      ) : (
        <>
          <PeriodForm period={period} change={change} />
          <Sales period={period} search={search} />
        </>
      )}
    </Page>
  )
}

const rangeText = (period: Period): string => {
  const [first, last] = [formatDay(period.from), formatDay(lastDay(period))]
  return first === last ? first : `${first} to ${last}`
}

const Sales = ({ period, search }: { period: ChosenPeriod; search: URLSearchParams }) => {
  const { client } = useShop()
  const user = useUser()
  const { from, to, timezone } = period
  const sales = useQuery({
    queryKey: ['admin', user, 'reports', 'sales', from, to, timezone],
    queryFn: async () => {
      const before = periodBefore({ from, to, timezone })
      const [current, previous] = await Promise.all([
        client.admin.reports.sales.query({ from, to, timezone, groupBy: 'day' }),
        before && client.admin.reports.sales.query({ ...before, groupBy: 'currency' }),
      ])
      return { current, previous }
    },
  })
  if (sales.isPending) return <Loading />
  if (!sales.data) return <ErrorNotice error={sales.error} retry={() => void sales.refetch()} />
  const { current, previous } = sales.data
  const currencies = current.totals.map(({ currency }) => currency)
  const chosen = currencies.find((currency) => currency === search.get('currency')) ?? mostSold(current.totals)
  const before = periodBefore(period)
  return (
    <>
      <p className="muted">
        {rangeText(period)}
        {before && `, compared with the same number of days before (${rangeText(before)})`}.
        {isRunning(period, new Date()) && ' The last day is not over yet.'}
      </p>
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
        <Link href="/payouts">Payouts</Link>
      </div>
      {chosen === undefined ? (
        <Notice title="No sales">
          <p>Nothing was sold, refunded or disputed in this period.</p>
        </Notice>
      ) : (
        <>
          {currencies.length > 1 && <Currencies totals={current.totals} chosen={chosen} search={search} />}
          <CurrencySales period={period} currency={chosen} current={current} previous={previous} />
        </>
      )}
    </>
  )
}

/** The currency with the most purchases. */
const mostSold = (totals: Report['totals']): string | undefined =>
  totals.toSorted((a, b) => b.purchases - a.purchases).at(0)?.currency

interface CurrenciesProps {
  totals: Report['totals']
  chosen: string
  search: URLSearchParams
}

const Currencies = ({ totals, chosen, search }: CurrenciesProps) => (
  <nav className="currencies" aria-label="Currency">
    {totals.map(({ currency, gross }) => (
      <Link
        key={currency}
        href={`/overview?${new URLSearchParams([...[...search].filter(([name]) => name !== 'currency'), ['currency', currency]])}`}
        aria-current={currency === chosen ? 'page' : undefined}
      >
        <strong>{currency.toUpperCase()}</strong> {formatMoney(gross, currency)}
        <span className="visually-hidden"> gross</span>
      </Link>
    ))}
  </nav>
)

interface CurrencySalesProps {
  period: Period
  currency: string
  current: Report
  /** Null if the preceding period is too early. */
  previous: Report | null
}

const CurrencySales = ({ period, currency, current, previous }: CurrencySalesProps) => {
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
                    {change}
                    <span className="visually-hidden"> compared with the period before</span>
                  </small>
                )}
              </dd>
            </div>
          )
        })}
      </dl>
      <OverTime period={period} currency={currency} items={current.items} />
      <div className="best">
        {bestKinds.map((kind) => (
          <BestTable key={kind.groupBy} kind={kind} period={period} currency={currency} />
        ))}
      </div>
    </section>
  )
}

export default OverviewPage
