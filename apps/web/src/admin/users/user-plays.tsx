import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { cursorPages } from '../../components/cursor-pages.ts'
import { ErrorNotice, Loading } from '../../components/notice.tsx'
import { ShowMore } from '../../components/show-more.tsx'
import { useShop, useUser } from '../../context.tsx'
import { entityAdminPath } from '../admin-paths.ts'
import { TimelineItem } from '../timeline-item.tsx'
import { describePlay } from './describe-play.ts'

const pageSize = 20

/** A user's play log, newest first. */
export const UserPlays = ({ userId }: { userId: string }) => {
  const { client } = useShop()
  const user = useUser()
  const pages = useInfiniteQuery({
    queryKey: ['admin', user, 'plays', userId],
    queryFn: ({ pageParam }) => client.admin.users.plays.query({ userId, limit: pageSize, cursor: pageParam }),
    ...cursorPages,
  })
  const plays = pages.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <section aria-labelledby="user-plays">
      <h2 id="user-plays">Playback</h2>
      {pages.isPending && <Loading />}
      {pages.isError && !pages.data && <ErrorNotice error={pages.error} retry={() => void pages.refetch()} />}
      {pages.data && plays.length === 0 && <p className="muted">Nothing was played.</p>}
      <ol className="timeline" aria-label="Playback">
        {plays.map((play) => (
          <TimelineItem key={play.sessionId} at={play.startedAt} title={play.entityTitle ?? 'Deleted title'}>
            {describePlay(play)} · <Link href={entityAdminPath(play.entityId)}>{play.entityId}</Link>
          </TimelineItem>
        ))}
      </ol>
      <ShowMore query={pages} name="plays" />
    </section>
  )
}
