import { ErrorNotice, Loading } from '../components/notice.tsx'
import { ShowMore } from '../components/show-more.tsx'
import { EntityGrid } from './entity-cards.tsx'
import { useEntityPages } from './use-entity-pages.ts'

const pageSize = 60

interface MemberSectionProps {
  containerId: string
  heading: string
  pathOf?: (entityId: string) => string
}

/** The members of a channel, season or bundle, in order. Renders nothing if there are no members. */
export const MemberSection = ({ containerId, heading, pathOf }: MemberSectionProps) => {
  const members = useEntityPages({ memberOf: containerId, limit: pageSize })
  const pages = members.data?.pages ?? []
  if (members.isPending) return <Loading />
  if (members.isError && pages.length === 0) return <ErrorNotice error={members.error} retry={() => void members.refetch()} />
  if (!pages.some(({ items }) => items.length > 0)) return null
  return (
    <section aria-labelledby="members">
      <h2 id="members">{heading}</h2>
      <EntityGrid pages={pages} {...(pathOf && { pathOf })} />
      <ShowMore query={members} name="of its films" />
    </section>
  )
}
