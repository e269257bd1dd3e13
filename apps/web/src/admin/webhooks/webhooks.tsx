import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { cursorPages } from '../../components/cursor-pages.ts'
import { ErrorNotice, Loading, Notice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { ShowMore } from '../../components/show-more.tsx'
import { useShop, useUser } from '../../context.tsx'
import { NewApiKey } from '../new-api-key.tsx'
import { useReturnFocus } from '../use-return-focus.ts'
import { type Endpoint, EndpointForm } from './endpoint-form.tsx'
import { EndpointStatus } from './endpoint-status.tsx'

/** Lists the site's webhook endpoints and creates new ones. */
export const Webhooks = () => {
  const queries = useQueryClient()
  const [isAdding, setAdding] = useState(false)
  const [created, setCreated] = useState<{ name: string; secret: string } | null>(null)
  const newButton = useReturnFocus(isAdding || created !== null)
  const onSaved = ({ endpoint, secret }: { endpoint: Endpoint; secret: string | null }): void => {
    if (secret !== null) setCreated({ name: endpoint.url, secret })
    setAdding(false)
    void queries.invalidateQueries({ queryKey: ['admin'] })
  }
  return (
    <Page title="Webhooks">
      <p className="muted">
        Your backend gets a message when a purchase or a user's access changes. Buyers get <Link href="/emails">e-mails</Link>.
      </p>
      {created && <NewApiKey kind="Signing secret" {...created} onClose={() => setCreated(null)} />}
      {isAdding ? (
        <EndpointForm endpoint={null} onSaved={onSaved} onCancel={() => setAdding(false)} />
      ) : (
        <button
          ref={newButton}
          type="button"
          onClick={() => {
            setCreated(null)
            setAdding(true)
          }}
        >
          New endpoint
        </button>
      )}
      <EndpointList />
    </Page>
  )
}

const EndpointList = () => {
  const { client } = useShop()
  const user = useUser()
  const pages = useInfiniteQuery({
    queryKey: ['admin', user, 'webhooks'],
    queryFn: ({ pageParam }) => client.admin.webhookEndpoints.list.query({ cursor: pageParam }),
    ...cursorPages,
  })
  const endpoints = pages.data?.pages.flatMap((page) => page.items)
  return (
    <>
      {pages.isPending && <Loading />}
      {pages.isError && !endpoints && <ErrorNotice error={pages.error} retry={() => void pages.refetch()} />}
      {endpoints?.length === 0 && <Notice title="No endpoints">Messages are recorded only if there is an endpoint.</Notice>}
      <ul className="api-keys" aria-label="Endpoints">
        {endpoints?.map((endpoint) => (
          <li key={endpoint.id}>
            <div className="row">
              <h2>
                <Link href={`/webhooks/${endpoint.id}`}>{endpoint.url}</Link>
              </h2>
              <EndpointStatus endpoint={endpoint} />
            </div>
            <p>{endpoint.events.includes('*') ? 'All messages' : endpoint.events.join(', ')}</p>
            {endpoint.description !== '' && <p className="muted">{endpoint.description}</p>}
          </li>
        ))}
      </ul>
      <ShowMore query={pages} name="endpoints" />
    </>
  )
}
