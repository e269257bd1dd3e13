import { useQuery } from '@tanstack/react-query'
import { Link, useSearchParams } from 'wouter'
import { ErrorNotice, Loading, Notice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { useShop, useUser } from '../../context.tsx'
import { entityAdminPath, entitySalesPath } from '../admin-paths.ts'
import { entityById } from '../catalog/search-entities.ts'
import { ReportPage } from './report-page.tsx'

/**
 * The sales and plays of one film or channel. For a channel, the page shows the sales of the channel itself and the plays of its
 * films.
 */
const EntitySalesPage = ({ id }: { id: string }) => {
  const { client } = useShop()
  const user = useUser()
  const [search] = useSearchParams()
  const entity = useQuery({ queryKey: ['admin', user, 'entity-by-id', id], queryFn: () => entityById(client, id) })
  const overview = search.size === 0 ? '/' : `/?${search}`
  if (!entity.data) {
    return (
      <Page title="Sales">
        <p>
          <Link href={overview}>Overview</Link>
        </p>
        {entity.isPending && <Loading />}
        {entity.isError && <ErrorNotice error={entity.error} retry={() => void entity.refetch()} />}
        {entity.data === null && (
          <Notice title="Title not found" tone="bad">
            <p>
              There is no title with the ID <bdi>{id}</bdi>.
            </p>
            <Link href="/entities">All titles</Link>
          </Notice>
        )}
      </Page>
    )
  }
  return (
    <ReportPage title={`Sales of ${entity.data.title}`} path={entitySalesPath(id)} entityId={id}>
      <p className="row">
        <Link href={overview}>Overview</Link>
        <Link href={entityAdminPath(id)}>Catalog entry</Link>
        <Link href={`/purchases?entity=${encodeURIComponent(id)}`}>Purchases</Link>
      </p>
    </ReportPage>
  )
}

export default EntitySalesPage
