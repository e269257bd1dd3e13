import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { useShop, useUser } from '../../context.tsx'
import { entityAdminPath, entitySalesPath } from '../admin-paths.ts'
import { entityById } from '../catalog/search-entities.ts'
import { ReportPage } from './report-page.tsx'

/**
 * The sales and plays of one film or channel. For a channel, the sales are of the channel itself, and the plays are of its films.
 */
const EntitySalesPage = ({ id }: { id: string }) => {
  const { client } = useShop()
  const user = useUser()
  const entity = useQuery({ queryKey: ['admin', user, 'entity-by-id', id], queryFn: () => entityById(client, id) })
  return (
    <ReportPage title={`Sales of ${entity.data?.title ?? id}`} path={entitySalesPath(id)} entityId={id}>
      <p className="row">
        <Link href="/">Overview</Link>
        <Link href={entityAdminPath(id)}>Catalog entry</Link>
        <Link href={`/purchases?entity=${encodeURIComponent(id)}`}>Purchases</Link>
      </p>
    </ReportPage>
  )
}

export default EntitySalesPage
