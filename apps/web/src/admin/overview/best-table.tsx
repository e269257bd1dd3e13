import type { PayToViewClient } from '@pay-to-view/client'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { ErrorNotice, Loading } from '../../components/notice.tsx'
import { ScrollRegion } from '../../components/scroll-region.tsx'
import { useShop, useUser } from '../../context.tsx'
import { countryName } from '../../format.ts'
import { entitySalesPath } from '../admin-paths.ts'
import { entityById, productById } from '../catalog/search-entities.ts'
import { formatFigure } from './figures.ts'
import { type ChosenPeriod, lastDay, reportQuery } from './period.ts'

interface BestKind {
  id: string
  groupBy: 'entity' | 'product' | 'promotionCode' | 'country'
  title: string
  column: string
  /** Returns the display name for a key. */
  nameOf: (client: PayToViewClient, key: string) => Promise<string>
  entityType?: 'channel'
  /** The purchase search parameter for the key. */
  searchParameter: 'entity' | 'product' | 'code' | 'country'
  /** The label for sales without a key. If null, these sales are omitted. */
  without: string | null
}

const entityName = async (client: PayToViewClient, id: string) => (await entityById(client, id))?.title ?? id

export const bestKinds: readonly BestKind[] = [
  {
    ...{ id: 'entity', groupBy: 'entity', title: 'Top titles', column: 'Title', searchParameter: 'entity', without: null },
    nameOf: entityName,
  },
  {
    ...{ id: 'channel', groupBy: 'entity', entityType: 'channel', title: 'Top channels', column: 'Channel' },
    ...{ searchParameter: 'entity', without: null, nameOf: entityName },
  },
  {
    ...{
      id: 'product',
      groupBy: 'product',
      title: 'Top products',
      column: 'Product',
      searchParameter: 'product',
      without: null,
    },
    nameOf: async (client, id) => (await productById(client, id))?.name ?? id,
  },
  {
    ...{ id: 'code', groupBy: 'promotionCode', title: 'Promotion codes', column: 'Code', searchParameter: 'code', without: null },
    nameOf: async (_client, code) => code,
  },
  {
    ...{
      id: 'country',
      groupBy: 'country',
      title: 'Countries',
      column: 'Country',
      searchParameter: 'country',
      without: 'Unknown',
    },
    nameOf: async (_client, code) => countryName(code),
  },
]

const shownRows = 10

interface BestTableProps {
  kind: BestKind
  period: ChosenPeriod
  currency: string
  /** If set, the report includes only this entity's sales. */
  entityId?: string | undefined
}

const readBest = async (client: PayToViewClient, { kind, period, currency, entityId }: BestTableProps) => {
  const { groupBy, entityType, nameOf, without } = kind
  const { from, to, timezone } = period
  // Requests one more group than the table shows, because the group without a key may be omitted.
  const query = { from, to, timezone, groupBy, entityType, entityId, currency, limit: shownRows + 1 }
  const { items } = await client.admin.reports.sales.query(query)
  const shown = items.filter(({ key }) => key !== null || without !== null).slice(0, shownRows)
  return Promise.all(
    shown.map(async (figures) => ({ ...figures, name: figures.key === null ? without : await nameOf(client, figures.key) })),
  )
}

/** Returns the path of the purchase search for a key. The search uses the report's time zone for its dates and times. */
const searchPath = (parameter: string, key: string, { period, currency, entityId }: BestTableProps): string =>
  `/purchases?${new URLSearchParams([
    ...(entityId === undefined ? [] : [['entity', entityId]]),
    [parameter, key],
    ['from', period.from],
    ['to', lastDay(period)],
    ['timezone', period.timezone],
    ['currency', currency],
  ])}`

/** The groups with the highest gross revenue, each with a link to its purchases. */
export const BestTable = (props: BestTableProps) => {
  const { kind, period, currency, entityId } = props
  const { client } = useShop()
  const user = useUser()
  const { from, to, timezone } = period
  const best = useQuery({
    queryKey: ['admin', user, 'reports', kind.id, entityId, currency, from, to, timezone],
    queryFn: () => readBest(client, props),
  })
  return (
    <section>
      <h3 id={`best-${kind.id}`}>{kind.title}</h3>
      {best.isPending && <Loading />}
      {best.isError && !best.data && <ErrorNotice error={best.error} retry={() => void best.refetch()} />}
      {best.data?.length === 0 && <p className="muted">None in this period.</p>}
      {best.data && best.data.length > 0 && (
        <ScrollRegion className="report-table" aria-labelledby={`best-${kind.id}`}>
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
                    {key === null ? (
                      <bdi>{name}</bdi>
                    ) : (
                      <Link href={searchPath(kind.searchParameter, key, props)}>
                        <bdi>{name}</bdi>
                      </Link>
                    )}
                    {key !== null && kind.groupBy === 'entity' && (
                      <small>
                        <Link href={`${entitySalesPath(key)}?${reportQuery(period, currency)}`}>
                          Figures<span className="visually-hidden"> for {name}</span>
                        </Link>
                      </small>
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
