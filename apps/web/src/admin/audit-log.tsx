import type { Outputs } from '@pay-to-view/client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useSearchParams } from 'wouter'
import { cursorPages } from '../components/cursor-pages.ts'
import { ErrorNotice, Loading, Notice } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { ShowMore } from '../components/show-more.tsx'
import { useShop, useUser } from '../context.tsx'
import { formatTimestamp } from '../format.ts'
import { encodeId } from '../paths.ts'
import { ActorName } from './actor-name.tsx'
import { auditText } from './audit-text.ts'

type Entry = Outputs['admin']['audit']['list']['items'][number]

/** The audit log, newest changes first. With `?subject=`, it lists only the changes to one object. */
export const AuditLog = () => {
  const { client } = useShop()
  const user = useUser()
  const [search, setSearch] = useSearchParams()
  const subjectId = search.get('subject') || undefined
  const pages = useInfiniteQuery({
    queryKey: ['admin', user, 'audit', subjectId],
    queryFn: ({ pageParam }) => client.admin.audit.list.query({ subjectId, cursor: pageParam }),
    ...cursorPages,
  })
  const entries = pages.data?.pages.flatMap((page) => page.items)
  return (
    <Page title="Audit log">
      <p className="muted">Changes to the catalog and to API keys. Each purchase has a timeline on its own page.</p>
      <form
        className="form"
        aria-label="Filter"
        onSubmit={(event) => {
          event.preventDefault()
          const subject = String(new FormData(event.currentTarget).get('subject') ?? '').trim()
          setSearch(subject === '' ? {} : { subject })
        }}
      >
        <label htmlFor="audit-subject">ID of the changed object</label>
        <input id="audit-subject" key={subjectId} name="subject" defaultValue={subjectId ?? ''} maxLength={200} />
        <div className="row">
          <button type="submit" className="secondary">
            Filter
          </button>
        </div>
      </form>
      {pages.isPending && <Loading />}
      {pages.isError && !entries && <ErrorNotice error={pages.error} retry={() => void pages.refetch()} />}
      {entries?.length === 0 && <Notice title="No changes">Nothing has been changed yet.</Notice>}
      <ol className="timeline" aria-label="Changes">
        {entries?.map((entry) => (
          <AuditEntry key={entry.id} entry={entry} />
        ))}
      </ol>
      <ShowMore key={subjectId} query={pages} name="changes" />
    </Page>
  )
}

const AuditEntry = ({ entry: { at, action, actor, actorName, subjectId, before, after } }: { entry: Entry }) => (
  <li>
    <time dateTime={at}>{formatTimestamp(at)}</time>
    <div>
      <strong>{auditText(action)}</strong> <ActorName actor={actor} actorName={actorName} />
      <small>
        <Link href={`/audit?subject=${encodeId(subjectId)}`}>{subjectId}</Link>
      </small>
      <details>
        <summary>Before and after</summary>
        <pre>{JSON.stringify({ before, after }, null, 2)}</pre>
      </details>
    </div>
  </li>
)
