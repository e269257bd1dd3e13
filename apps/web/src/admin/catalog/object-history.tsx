import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { useShop, useUser } from '../../context.tsx'
import { encodeId } from '../../paths.ts'
import { ActorName } from '../actor-name.tsx'
import { auditText } from '../audit-text.ts'
import { TimelineItem } from '../timeline-item.tsx'

const maxEntries = 5

/** The latest changes to an entity or a product, from the audit log. */
export const ObjectHistory = ({ id }: { id: string }) => {
  const { client } = useShop()
  const user = useUser()
  const audit = useQuery({
    queryKey: ['admin', user, 'audit', id, maxEntries],
    queryFn: () => client.admin.audit.list.query({ subjectId: id, limit: maxEntries }),
  })
  const entries = audit.data?.items ?? []
  if (entries.length === 0) return null
  return (
    <section aria-labelledby="changes">
      <h2 id="changes">Latest changes</h2>
      <ol className="timeline">
        {entries.map(({ id: entryId, at, action, actor, actorName }) => (
          <TimelineItem key={entryId} at={at} title={auditText(action)}>
            <ActorName actor={actor} actorName={actorName} />
          </TimelineItem>
        ))}
      </ol>
      <p>
        <Link href={`/audit?subject=${encodeId(id)}`}>What changed</Link>
      </p>
    </section>
  )
}
