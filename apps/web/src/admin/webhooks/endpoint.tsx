import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { ErrorNotice, Loading } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { useShop, useUser } from '../../context.tsx'
import { NewApiKey } from '../new-api-key.tsx'
import { useReturnFocus } from '../use-return-focus.ts'
import { Deliveries } from './deliveries.tsx'
import { EndpointActions } from './endpoint-actions.tsx'
import { EndpointForm } from './endpoint-form.tsx'
import { EndpointStatus } from './endpoint-status.tsx'
import { DeliveryPlot } from './lazy-delivery-plot.tsx'

/** One endpoint: its settings, its deliveries and their response times. */
export const WebhookEndpoint = ({ id }: { id: string }) => {
  const { client } = useShop()
  const user = useUser()
  const queries = useQueryClient()
  const [isEditing, setEditing] = useState(false)
  const [secret, setSecret] = useState<string | null>(null)
  const editButton = useReturnFocus(isEditing)
  const query = useQuery({
    queryKey: ['admin', user, 'webhooks', id],
    queryFn: () => client.admin.webhookEndpoints.get.query({ id }),
  })
  const refresh = (): void => void queries.invalidateQueries({ queryKey: ['admin'] })
  const endpoint = query.data
  return (
    <Page title={endpoint?.url ?? 'Endpoint'}>
      <p>
        <Link href="/webhooks">All endpoints</Link>
      </p>
      {query.isPending && <Loading />}
      {query.isError && <ErrorNotice error={query.error} retry={() => void query.refetch()} />}
      {secret !== null && (
        <NewApiKey kind="Signing secret" name={endpoint?.url ?? ''} secret={secret} onClose={() => setSecret(null)} />
      )}
      {endpoint && (
        <>
          <div className="row">
            <EndpointStatus endpoint={endpoint} />
            <span>{endpoint.events.includes('*') ? 'All messages' : endpoint.events.join(', ')}</span>
            <span className="muted">{endpoint.description}</span>
          </div>
          {isEditing ? (
            <EndpointForm
              endpoint={endpoint}
              onCancel={() => setEditing(false)}
              onSaved={() => {
                setEditing(false)
                refresh()
              }}
            />
          ) : (
            <p>
              <button ref={editButton} type="button" className="secondary" onClick={() => setEditing(true)}>
                Change
              </button>
            </p>
          )}
          <EndpointActions endpoint={endpoint} onSecret={setSecret} refresh={refresh} />
          <DeliveryPlot id={id} />
          <Deliveries endpoint={endpoint} />
        </>
      )}
    </Page>
  )
}
