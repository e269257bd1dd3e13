import type { Inputs, Outputs } from '@pay-to-view/client'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { cursorPages } from '../../components/cursor-pages.ts'
import { ErrorNotice, ErrorText, Loading, Notice } from '../../components/notice.tsx'
import { ShowMore } from '../../components/show-more.tsx'
import { useShop, useUser } from '../../context.tsx'
import { formatTimestamp } from '../../format.ts'
import { purchasePath } from '../../paths.ts'
import type { Endpoint } from './endpoint-form.tsx'
import { messageName } from './message-types.ts'

type Delivery = Outputs['admin']['webhookEndpoints']['deliveries']['items'][number]
type Status = NonNullable<Inputs['admin']['webhookEndpoints']['deliveries']['status']>

const labels: Record<Status, string> = {
  pending: 'Waiting',
  failing: 'Failed, will be retried',
  succeeded: 'Delivered',
  failed: 'Failed',
}
const isStatus = (text: string): text is Status => text in labels

/** While the page is open, the list is refetched at this interval. */
const refreshMs = 5_000

interface DeliveriesProps {
  endpoint: Endpoint
  /** If set, the list includes only messages about this purchase. */
  purchaseId?: string | undefined
}

/** The messages for an endpoint, with each attempt and its response. */
export const Deliveries = ({ endpoint: { id, enabled }, purchaseId }: DeliveriesProps) => {
  const { client } = useShop()
  const user = useUser()
  const [status, setStatus] = useState<Status | undefined>()
  const pages = useInfiniteQuery({
    queryKey: ['admin', user, 'webhooks', id, 'deliveries', status, purchaseId],
    queryFn: ({ pageParam }) =>
      client.admin.webhookEndpoints.deliveries.query({ id, status, purchaseId, limit: 20, cursor: pageParam }),
    refetchInterval: refreshMs,
    ...cursorPages,
  })
  const deliveries = pages.data?.pages.flatMap((page) => page.items)
  return (
    <section aria-labelledby="deliveries">
      <h2 id="deliveries">Deliveries</h2>
      <div className="filters">
        <label>
          Status
          <select value={status ?? ''} onChange={({ target: { value } }) => setStatus(isStatus(value) ? value : undefined)}>
            <option value="">All</option>
            {Object.entries(labels).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </div>
      {pages.isPending && <Loading />}
      {pages.isError && !deliveries && <ErrorNotice error={pages.error} retry={() => void pages.refetch()} />}
      {deliveries?.length === 0 && <Notice title="No deliveries">{noDeliveries(id, purchaseId)}</Notice>}
      <ol className="timeline" aria-label="Deliveries">
        {deliveries?.map((delivery) => (
          <DeliveryItem key={delivery.messageId} endpointId={id} delivery={delivery} canResend={enabled} />
        ))}
      </ol>
      <ShowMore key={status} query={pages} name="deliveries" />
    </section>
  )
}

const noDeliveries = (endpointId: string, purchaseId: string | undefined): string => {
  if (purchaseId !== undefined) return 'Nothing has been sent for this purchase. Scheduled e-mails are not shown.'
  return endpointId === 'email' ? 'The first purchase creates a delivery.' : 'A purchase or a test message creates a delivery.'
}

const DeliveryItem = ({
  endpointId: id,
  delivery,
  canResend,
}: {
  endpointId: string
  delivery: Delivery
  canResend: boolean
}) => {
  const { client } = useShop()
  const { messageId, type, purchaseId, timestamp, status, nextAttemptAt, attempts } = delivery
  const isFailed = status === 'failing' || status === 'failed'
  const last = attempts.at(-1)
  const resend = useMutation({ mutationFn: () => client.admin.webhookEndpoints.resend.mutate({ id, messageId }) })
  return (
    <li>
      <time dateTime={timestamp}>{formatTimestamp(timestamp)}</time>
      <div>
        <div className="row">
          <strong>{messageName(type)}</strong>
          <span className={isFailed ? 'badge bad' : 'badge'}>{labels[status]}</span>
          {canResend && status !== 'pending' && (
            <button type="button" className="secondary" disabled={resend.isPending} onClick={() => resend.mutate()}>
              Send again<span className="visually-hidden"> {messageId}</span>
            </button>
          )}
          {resend.isSuccess && <span role="status">It will be sent again.</span>}
        </div>
        {resend.isError && <ErrorText error={resend.error} />}
        <small>
          {messageId}
          {purchaseId !== null && (
            <>
              {' '}
              <Link href={purchasePath(purchaseId)}>
                Purchase<span className="visually-hidden"> {purchaseId}</span>
              </Link>
            </>
          )}
        </small>
        {isFailed && last && <small>{last.error ?? `The response was ${last.status}`}</small>}
        {nextAttemptAt !== null && <small>Next attempt {formatTimestamp(nextAttemptAt)}</small>}
        {attempts.length > 0 && (
          <details>
            <summary>
              {attempts.length} {attempts.length === 1 ? 'attempt' : 'attempts'}
            </summary>
            <ol>
              {attempts.map(({ time, status: code, durationMs, error, response }) => (
                <li key={time}>
                  {formatTimestamp(time)}: {error ?? code}, {durationMs} ms
                  {response !== null && response !== '' && <pre>{response}</pre>}
                </li>
              ))}
            </ol>
          </details>
        )}
      </div>
    </li>
  )
}
