import type { PayToViewClient } from '@pay-to-view/client'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { ErrorNotice, Loading } from '../../components/notice.tsx'
import { ScrollRegion } from '../../components/scroll-region.tsx'
import { useShop, useUser } from '../../context.tsx'
import { countryName } from '../../format.ts'
import { entityById, productById } from '../catalog/search-entities.ts'
import { formatFigure } from './figures.ts'
import { lastDay, ownTimeZone, type Period } from './period.ts'

interface BestKind {
  groupBy: 'entity' | 'product' | 'promotionCode' | 'country'
  title: string
  column: string
  /** The name of a key. */
  nameOf: (client: PayToViewClient, key: string) => Promise<string>
  /** The parameter of the search for purchases, if it has one. */
  searchParameter: 'entity' | 'product' | null
  /** The label of sales without a key. Null leaves them out. */
  without: string | null
}

export const bestKinds: readonly BestKind[] = [
  {
    ...{ groupBy: 'entity', title: 'Best titles', column: 'Title', searchParameter: 'entity', without: null },
    nameOf: async (client, id) => (await entityById(client, id))?.title ?? id,
  },
  {
    ...{ groupBy: 'product', title: 'Best products', column: 'Product', searchParameter: 'product', without: null },
    nameOf: async (client, id) => (await productById(client, id))?.name ?? id,
  },
  {
    ...{ groupBy: 'promotionCode', title: 'Promotion codes', column: 'Code', searchParameter: null, without: null },
    nameOf: async (_client, code) => code,
  },
  {
    ...{ groupBy: 'country', title: 'Countries', column: 'Country', searchParameter: null, without: 'Unknown' },
    nameOf: async (_client, code) => countryName(code),
  },
]

const shownRows = 10

interface BestTableProps {
  kind: BestKind
  period: Period
  currency: string
}

const readBest = async (client: PayToViewClient, { kind, period, currency }: BestTableProps) => {
  const { groupBy, nameOf, without } = kind
  const { from, to, timezone } = period
  // One more than shown, because the group without a key may be among them.
  const query = { from, to, timezone, groupBy, currency, limit: shownRows + 1 }
  const { items } = await client.admin.reports.sales.query(query)
  const shown = items.filter(({ key }) => key !== null || without !== null).slice(0, shownRows)
  return Promise.all(
    shown.map(async (figures) => ({ ...figures, name: figures.key === null ? without : await nameOf(client, figures.key) })),
  )
}

const searchPath = (parameter: string, key: string, period: Period): string =>
  `/?${new URLSearchParams([
    [parameter, key],
    ['from', period.from],
    ['to', lastDay(period)],
    // The search has the days of the browser's time zone otherwise.
    ...(period.timezone === ownTimeZone() ? [] : [['timezone', period.timezone]]),
  ])}`

/** The groups with the highest gross. Titles and products link to their purchases. */
export const BestTable = (props: BestTableProps) => {
  const { kind, period, currency } = props
  const { client } = useShop()
  const user = useUser()
  const { from, to, timezone } = period
  const best = useQuery({
    queryKey: ['admin', user, 'reports', kind.groupBy, currency, from, to, timezone],
    queryFn: () => readBest(client, props),
  })
  return (
    <section aria-labelledby={`best-${kind.groupBy}`}>
      <h3 id={`best-${kind.groupBy}`}>{kind.title}</h3>
      {best.isPending && <Loading />}
      {best.isError && !best.data && <ErrorNotice error={best.error} retry={() => void best.refetch()} />}
      {best.data?.length === 0 && <p className="muted">None in this period.</p>}
      {best.data && best.data.length > 0 && (
        <ScrollRegion className="report-table" aria-labelledby={`best-${kind.groupBy}`}>
          <table>
            <thead>
              <tr>
                <th scope="col">{kind.column}</th>
                <th scope="col">Gross</th>
                <th scope="col">Refunds</th>
                <th scope="col">Purchases</th>
              </tr>
            </thead>
            <tbody>
              {best.data.map(({ key, name, gross, refunded, purchases }) => (
                <tr key={key}>
                  <th scope="row">
                    {kind.searchParameter !== null && key !== null ? (
                      <Link href={searchPath(kind.searchParameter, key, period)}>
                        <bdi>{name}</bdi>
                      </Link>
                    ) : (
                      <bdi>{name}</bdi>
                    )}
                  </th>
                  <td>{formatFigure(gross, 'money', currency)}</td>
                  <td>{formatFigure(refunded, 'money', currency)}</td>
                  <td>{formatFigure(purchases, 'count', currency)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </section>
  )
}
