import type { EntityType } from '@pay-to-view/purchase'
import { ErrorNotice } from '../components/notice.tsx'
import { ShowMore } from '../components/show-more.tsx'
import { EntityGrid } from './entity-cards.tsx'
import type { useEntityPages } from './use-entity-pages.ts'

const headings = { video: 'Films', channel: 'Channels', content: 'Reading and music' } as const satisfies Record<
  EntityType,
  string
>

interface EntitySectionProps {
  type: EntityType
  /** The words to search for. */
  search: string
  query: ReturnType<typeof useEntityPages>
}

/** The entities of one type, page by page. Renders nothing if there are no entities. */
export const EntitySection = ({ type, search, query }: EntitySectionProps) => {
  const pages = query.data?.pages ?? []
  if (query.isError && pages.length === 0) return <ErrorNotice error={query.error} retry={() => void query.refetch()} />
  if (!pages.some(({ items }) => items.length > 0)) return null
  return (
    <section aria-labelledby={`type-${type}`}>
      <h2 id={`type-${type}`}>{headings[type]}</h2>
      <EntityGrid pages={pages} isWide={type !== 'video'} />
      <ShowMore key={search} query={query} name={headings[type].toLowerCase()} />
    </section>
  )
}
